"""What the tests ask gensim: reads one JSON order from stdin, answers with one JSON object on stdout."""

import json
import sys

import numpy as np
from gensim.models import FastText, KeyedVectors, Word2Vec


def neighbours(order):
    answers = {}
    for path, (binary, tokens) in order["files"].items():
        vectors = KeyedVectors.load_word2vec_format(path, binary=binary)
        answers[path] = {
            "tokens": vectors.index_to_key,
            "values": vectors.vectors.ravel().tolist(),
            "similar": {token: vectors.most_similar(token, topn=order["k"]) for token in tokens},
        }
    return answers


def write(order):
    values = np.array(order["values"], dtype=np.float32)
    vectors = KeyedVectors(values.shape[1])
    vectors.add_vectors(order["tokens"], values)
    for path, options in order["files"].items():
        vectors.save_word2vec_format(path, **options)
    return {}


def train(order):
    sentences = [["a", "b", "c", "d"]] * 10
    kinds = {
        "Word2Vec": lambda: Word2Vec(sentences, vector_size=8, min_count=1),
        "KeyedVectors": lambda: Word2Vec(sentences, vector_size=8, min_count=1).wv,
        "FastText": lambda: FastText(sentences, vector_size=8, min_count=1, bucket=10),
    }
    model = kinds[order["kind"]]()
    model.save(order["path"])
    vectors = model if order["kind"] == "KeyedVectors" else model.wv
    return {"tokens": vectors.index_to_key, "values": vectors.vectors.ravel().tolist()}


order = json.load(sys.stdin)
json.dump({"neighbours": neighbours, "write": write, "train": train}[order["do"]](order), sys.stdout)
