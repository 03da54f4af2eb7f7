"""Searches a matrix with gensim and numpy, as the bench asks line by line, and says how long each answer took.

peer.py <input.f32> <dimensions>, with the number of BLAS threads in the environment. Reads {"method", "queries", "k"} as JSON
lines; answers {"ms", "rows"}. The first line it prints says what is here.
"""
import json
import sys
import time

import numpy

try:
    from gensim.models import KeyedVectors
    import gensim
except ImportError:
    KeyedVectors = None

dimensions = int(sys.argv[2])
vectors = numpy.fromfile(sys.argv[1], dtype='<f4').reshape(-1, dimensions)
keyed = None
if KeyedVectors is not None:
    keyed = KeyedVectors(dimensions)
    keyed.vectors = vectors
    keyed.index_to_key = list(range(len(vectors)))
    keyed.key_to_index = {row: row for row in keyed.index_to_key}
    keyed.fill_norms()
unit = vectors / numpy.maximum(numpy.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)


def best(scores, k):
    rows = numpy.argpartition(scores, -k)[-k:]
    return rows[numpy.argsort(-scores[rows])]


def gensim_single(queries, k):
    return [[row for row, _ in keyed.similar_by_vector(query, topn=k)] for query in queries]


def numpy_single(queries, k):
    return [best(unit @ query, k) for query in queries]


def numpy_product(queries, k):
    scores = unit @ queries.T
    return [best(scores[:, query], k) for query in range(len(queries))]


def numpy_blocks(queries, k, size=65536):
    """What a careful user of numpy writes: block by block, so that the scores stay in the cache."""
    found, rows = [], []
    for start in range(0, len(unit), size):
        scores = queries @ unit[start:start + size].T
        most = min(k, scores.shape[1])
        near = numpy.argpartition(scores, -most, axis=1)[:, -most:]
        found.append(numpy.take_along_axis(scores, near, axis=1))
        rows.append(near + start)
    found, rows = numpy.concatenate(found, axis=1), numpy.concatenate(rows, axis=1)
    order = numpy.argsort(-found, axis=1)[:, :k]
    return numpy.take_along_axis(rows, order, axis=1)


methods = {'numpy': numpy_single, 'product': numpy_product, 'blocks': numpy_blocks}
if keyed is not None:
    methods['gensim'] = gensim_single
versions = f'numpy {numpy.__version__}' + (f', gensim {gensim.__version__}' if keyed is not None else ', no gensim')
print(json.dumps({'versions': versions, 'methods': list(methods)}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    queries = numpy.array(job['queries'], dtype='f4')
    before = time.perf_counter()
    answer = methods[job['method']](queries, job['k'])
    ms = (time.perf_counter() - before) * 1000
    print(json.dumps({'ms': ms, 'rows': [[int(row) for row in rows] for rows in answer]}), flush=True)
