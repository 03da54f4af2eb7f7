#!/usr/bin/env bash
# Sets up what the benches compare with, in a folder outside the project:
#   bench/peers/set-up.sh <folder>      then: export SEGUE_BENCH_PEERS=<folder>
# A Python virtual environment with the newest gensim, numpy, scipy, implicit and pyarrow, and Google's word2vec.c, built as its own
# Makefile of 2013 did (-Ofast -march=native). What cannot be had is said and left out; the benches then skip it.
set -u
folder=$(realpath -m "${1:?"Name a folder outside the project: bench/peers/set-up.sh <folder>"}") || exit 1
case "$folder/" in "$(realpath "$(dirname "$0")/../..")"/*)
  echo "$folder lies in the project; name one outside." >&2
  exit 1
  ;;
esac
mkdir -p "$folder" || exit 1

python=$folder/venv/bin/python
[ -x "$python" ] || python3 -m venv "$folder/venv" || exit 1
"$python" -m pip install --quiet --upgrade --only-binary :all: gensim numpy scipy || exit 1
"$python" -m pip install --quiet --upgrade --only-binary :all: implicit || echo "implicit: not to be had, left out"
"$python" -m pip install --quiet --upgrade --only-binary :all: pyarrow || echo "pyarrow: not to be had, left out"

# The sdist of the PyPI package word2vec carries the unchanged C source (Apache License 2.0). Two lines are added, which time
# the training threads by the wall clock: the program's own figure is processor time and includes nothing after them.
build_word2vec() {
  local sources=$folder/sources
  rm -rf "$sources" && mkdir -p "$sources" || return 1
  "$python" -m pip download --quiet --no-deps --no-binary word2vec --dest "$sources" word2vec==0.11.1 || return 1
  tar -xzf "$sources"/word2vec-0.11.1.tar.gz -C "$sources" --strip-components 3 word2vec-0.11.1/word2vec/includes/word2vec.c || return 1
  [ "$(grep -c '^  start = clock();$' "$sources/word2vec.c")" = 1 ] && [ "$(grep -c 'pthread_join(pt' "$sources/word2vec.c")" = 1 ] || return 1
  sed -i \
    -e 's|^  start = clock();$|&\n  struct timespec began, ended; clock_gettime(CLOCK_MONOTONIC, \&began);|' \
    -e 's|^.*pthread_join(pt.*$|&\n  clock_gettime(CLOCK_MONOTONIC, \&ended); printf("\\nTraining seconds: %.3f\\n", ended.tv_sec - began.tv_sec + (ended.tv_nsec - began.tv_nsec) / 1e9);|' \
    -e '1i #include <time.h>' \
    "$sources/word2vec.c"
  cc "$sources/word2vec.c" -o "$folder/word2vec" -Ofast -march=native -funroll-loops -pthread -w -lm
}
build_word2vec || { rm -f "$folder/word2vec" && echo "word2vec.c: not to be built, left out"; }

"$python" - <<'PYTHON'
import sys
from importlib import import_module
from gensim.models import word2vec
print('Python', sys.version.split()[0])
for name in ('gensim', 'numpy', 'scipy', 'implicit', 'pyarrow'):
    try:
        print(name, import_module(name).__version__)
    except ImportError:
        pass
print('gensim with BLAS:', word2vec.FAST_VERSION in (0, 1), '- corpus_file:', word2vec.CORPUSFILE_VERSION >= 0)
PYTHON
[ -x "$folder/word2vec" ] && echo "word2vec.c 0.1c of the PyPI package word2vec 0.11.1, $(cc --version | head -n 1)"
echo "export SEGUE_BENCH_PEERS=$folder"
