"""Trains gensim's Word2Vec on a text corpus, tokens as decimal numbers, and says how long the training took: its first
vectors and all epochs, but not the reading and counting of the corpus.

gensim_train.py '{"corpus": file, "out": folder or null, and gensim's own parameters}' prints one JSON line. `out` receives
input.f32 and output.f32 (syn1neg), both n x d, and tokens.u32 (n), the token of each row.
"""
import json
import os
import resource
import sys
import time

import numpy
from gensim.models import Word2Vec

job = json.loads(sys.argv[1])
corpus, out = job.pop('corpus'), job.pop('out', None)
model = Word2Vec(min_count=1, sample=0, hs=0, **job)

before = time.perf_counter()
# What build_vocab does, its two parts apart.
model.corpus_total_words, model.corpus_count = model.scan_vocab(corpus_file=corpus)
model.prepare_vocab()
vocabulary_seconds = time.perf_counter() - before

before, cpu = time.perf_counter(), time.process_time()
model.prepare_weights()
model.train(
    corpus_file=corpus,
    total_examples=model.corpus_count,
    total_words=model.corpus_total_words,
    epochs=model.epochs,
)
seconds, cpu_seconds = time.perf_counter() - before, time.process_time() - cpu

if out is not None:
    os.makedirs(out, exist_ok=True)
    model.wv.vectors.astype('<f4', copy=False).tofile(os.path.join(out, 'input.f32'))
    model.syn1neg.astype('<f4', copy=False).tofile(os.path.join(out, 'output.f32'))
    numpy.array(model.wv.index_to_key, dtype='<u4').tofile(os.path.join(out, 'tokens.u32'))
print(json.dumps({
    'vocabularySeconds': vocabulary_seconds,
    'seconds': seconds,
    'cpuSeconds': cpu_seconds,
    'rows': len(model.wv),
    'tokens': model.corpus_total_words,
    'peakMb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
