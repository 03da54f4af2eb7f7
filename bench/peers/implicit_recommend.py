"""Fits implicit's recommenders on playlists and asks each to continue others.

implicit_recommend.py '{"folder": ..., "tracks": n, "threads": t, "depth": k, "models": [{"model": name, "params": {...}}, ...]}'
`folder` has starts.u32 and rows.u32 (playlists of track rows to learn from), case-starts.u32 and case-rows.u32 (the seeds of each
question). For each model one JSON line is printed: seconds to fit, milliseconds of each question (one at a time), and the file of
its answers: cases x depth track rows, -1 where there is none.
"""
import json
import os
import sys
import time

import numpy
import scipy.sparse
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

job = json.loads(sys.argv[1])
folder, tracks, threads, depth = job['folder'], job['tracks'], job['threads'], job['depth']


def matrix(starts, rows):
    indptr = numpy.fromfile(os.path.join(folder, starts), dtype='<u4').astype(numpy.int32)
    indices = numpy.fromfile(os.path.join(folder, rows), dtype='<u4').astype(numpy.int32)
    ones = numpy.ones(len(indices), dtype=numpy.float32)
    found = scipy.sparse.csr_matrix((ones, indices, indptr), shape=(len(indptr) - 1, tracks))
    found.sort_indices()
    return found


playlists = matrix('starts.u32', 'rows.u32')
questions = matrix('case-starts.u32', 'case-rows.u32')
KINDS = {
    'als': lambda params: AlternatingLeastSquares(num_threads=threads, random_state=1, **params),
    'bpr': lambda params: BayesianPersonalizedRanking(num_threads=threads, random_state=1, **params),
    'bm25': lambda params: BM25Recommender(num_threads=threads, **params),
    'tfidf': lambda params: TFIDFRecommender(num_threads=threads, **params),
    'cosine': lambda params: CosineRecommender(num_threads=threads, **params),
}


def ask(model, kind, question):
    if kind == 'bpr':
        # It cannot fold in a listener it was not trained with: the mean of the seeds' factors stands for one.
        query = model.item_factors[question.indices].mean(axis=0)
        scores = model.item_factors @ query
        scores[question.indices] = -numpy.inf
        best = numpy.argpartition(-scores, min(depth, len(scores) - 1))[:depth]
        return best[numpy.argsort(-scores[best])]
    return model.recommend(0, question, N=depth, filter_already_liked_items=True, recalculate_user=kind == 'als')[0]


for at, one in enumerate(job['models']):
    kind = one['model']
    model = KINDS[kind](one['params'])
    before = time.perf_counter()
    model.fit(playlists, show_progress=False)
    seconds = time.perf_counter() - before
    answers = numpy.full((questions.shape[0], depth), -1, dtype='<i4')
    times = []
    for case in range(questions.shape[0]):
        question = questions[case]
        before = time.perf_counter()
        best = ask(model, kind, question)
        times.append((time.perf_counter() - before) * 1000)
        answers[case, : len(best)] = best
    name = f'answers-{at}.i32'
    answers.tofile(os.path.join(folder, name))
    print(json.dumps({'seconds': seconds, 'ms': times, 'answers': name}), flush=True)
