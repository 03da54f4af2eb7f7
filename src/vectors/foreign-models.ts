import { ExpectedError } from '../base/errors.ts';

// Files that hold vectors in a way that Segue does not read, told by their first bytes, and how their owner converts
// them. A pickle is a program that runs when it is loaded: here it never is.

interface Advice {
  readonly why: string;
  readonly hint: string;
}

const OTHERS: readonly { readonly starts: string; readonly advise: (path: string) => Advice }[] = [
  {
    starts: '\xba\x16\x4f\x2f',
    advise: (path) => ({
      why: 'It is a model of Facebook’s fastText, not only vectors.',
      hint: convertWith(
        `from gensim.models.fasttext import load_facebook_vectors as load; load(sys.argv[1]).${SAVE}`,
        path,
      ),
    }),
  },
  {
    starts: '\x93NUMPY',
    advise: () => ({
      why: 'It is a numpy array: the numbers of a model without its tokens, which lie in the model file beside it.',
      hint: 'Name that file instead (the same name without .wv.vectors.npy and the like), and Segue says how to convert it.',
    }),
  },
  { starts: 'PAR1', advise: () => unreadable('a Parquet file') },
  { starts: '\x89HDF', advise: () => unreadable('an HDF5 file') },
];

function unreadable(what: string): Advice {
  return { why: `It is ${what}.`, hint: 'Write the vectors in word2vec’s text or binary format, and import those.' };
}

const SAVE = 'save_word2vec_format(sys.argv[2], binary=True)';

/** Throws ExpectedError `vectors-not-readable`, with the way to convert it, where `head` is the start of such a file. */
export function refuseForeign(head: Buffer, path: string): void {
  const text = head.toString('latin1');
  const advice = isPickle(text)
    ? advisePickle(text, path)
    : OTHERS.find(({ starts }) => text.startsWith(starts))?.advise(path);
  if (advice === undefined) return;
  throw new ExpectedError('vectors-not-readable', `Cannot read song vectors from ${path}`, advice);
}

/** Pickles of protocol 2 to 5 begin with its number; older ones are text and begin with what they import. */
function isPickle(text: string): boolean {
  const protocol = text.charCodeAt(1);
  return (text[0] === '\x80' && protocol >= 2 && protocol <= 5) || /^c[A-Za-z_][\w.]*\n\w+\n/.test(text);
}

function advisePickle(text: string, path: string): Advice {
  const type = /gensim\.models\.[\w.]+(?:\n|\x94\x8c[\s\S])(\w+)/.exec(text)?.[1];
  const runs = 'a Python pickle, which runs code when it is loaded, so Segue never loads it';
  if (type === undefined) {
    const hint =
      'With the program that wrote it, save the vectors in word2vec’s text or binary format, and import those.';
    return { why: `It is ${runs}.`, hint };
  }
  return {
    why: `It is a ${type} that gensim saved with .save(): ${runs}.`,
    hint: convertWith(gensimProgram(type, text), path),
  };
}

/** Tried with gensim 4.4 on models saved by gensim 0.12, 3.3, 3.8 and 4.4. */
function gensimProgram(type: string, text: string): string {
  if (type.endsWith('KeyedVectors'))
    return `from gensim.models import KeyedVectors; KeyedVectors.load(sys.argv[1]).${SAVE}`;
  // Before gensim 1.0 a Word2Vec held its vectors itself and had no `wv`; gensim 4 unpickles it but cannot use it.
  const isOld = text[1] === '\x02' && !text.includes('\x02wvq') && !text.includes('\0wvq') && text.includes('syn0');
  if (!isOld) return `from gensim.models import ${type}; ${type}.load(sys.argv[1]).wv.${SAVE}`;
  const load =
    'old = unpickle(sys.argv[1]); kv = KeyedVectors(old.syn0.shape[1]); kv.add_vectors(old.index2word, old.syn0)';
  return `from gensim.utils import unpickle; from gensim.models import KeyedVectors; ${load}; kv.${SAVE}`;
}

function convertWith(program: string, path: string): string {
  const quoted = /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
  return `Convert it where gensim is installed, and import vectors.bin: python3 -c "import sys; ${program}" ${quoted} vectors.bin`;
}
