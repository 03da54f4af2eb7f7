// Drawing without a framework: the page draws all of a part anew, and `patch` changes only what differs, so that focus,
// open details, selections and scroll positions stay. Data reaches the page as text nodes and attributes only.

export type Child = Node | string | false | null | undefined;

export function element(tag: string, attributes: Record<string, string | boolean> = {}, ...children: Child[]) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  node.append(...children.filter((child) => child !== false && child !== null && child !== undefined));
  return node;
}

export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/**
 * Makes the children of `parent` equal to `wanted`. Children with the attribute `data-key` are recognised by it, others by
 * place and tag. Inside `data-own` nothing is touched after the first time, and `open` is the reader's.
 */
export function patch(parent: Element, wanted: readonly Child[]): void {
  const keyed = new Map<string, Element>();
  for (const child of parent.children) {
    const key = child.getAttribute('data-key');
    if (key !== null) keyed.set(key, child);
  }
  let place: ChildNode | null = parent.firstChild;
  for (const child of wanted) {
    if (child === false || child === null || child === undefined) continue;
    const next = typeof child === 'string' ? document.createTextNode(child) : (child as ChildNode);
    const key = next instanceof Element ? next.getAttribute('data-key') : null;
    const known: ChildNode | null | undefined = key === null ? place : keyed.get(key);
    if (!known || !isSame(known, next, key)) {
      parent.insertBefore(next, place);
      continue;
    }
    if (known === place) place = place.nextSibling;
    else parent.insertBefore(known, place);
    update(known, next);
  }
  while (place) {
    const after: ChildNode | null = place.nextSibling;
    place.remove();
    place = after;
  }
}

function isSame(known: ChildNode, next: ChildNode, key: string | null): boolean {
  if (known.nodeName !== next.nodeName) return false;
  return !(known instanceof Element) || known.getAttribute('data-key') === key;
}

function update(known: ChildNode, next: ChildNode): void {
  if (!(known instanceof Element && next instanceof Element)) {
    if (known.textContent !== next.textContent) known.textContent = next.textContent;
    return;
  }
  for (const name of known.getAttributeNames()) {
    if (name !== 'open' && !next.hasAttribute(name)) known.removeAttribute(name);
  }
  for (const { name, value } of next.attributes) {
    if (name !== 'open' && known.getAttribute(name) !== value) known.setAttribute(name, value);
  }
  if (!known.hasAttribute('data-own')) patch(known, [...next.childNodes]);
}
