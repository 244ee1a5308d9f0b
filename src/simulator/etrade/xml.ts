/**
 * E*TRADE's XML: elements and text, never attributes (docs/brokers/etrade.md, section 5.2). A list is the same element repeated,
 * so one tree of names serves XML and JSON alike.
 */

export type Tree = { readonly [name: string]: Branch };
type Branch = string | number | boolean | Tree | readonly Tree[];

const MAX_DEPTH = 20;
const TOKEN = /<\?[^>]*\?>|<!--[\s\S]*?-->|<(\/?)([A-Za-z][\w.-]*)[^<>]*?(\/?)>|([^<]+)|</g;

interface Element {
  name: string;
  text: string;
  children: Map<string, Branch[]>;
}

/** Parses a document; every value is text. Undefined when it is not well formed or has more than elements and text. */
export function parseXml(document: string): Tree | undefined {
  const top: Element = { name: '', text: '', children: new Map() };
  const open = [top];
  for (const [token, slash, name, empty, text] of document.matchAll(TOKEN)) {
    const current = open.at(-1);
    if (current === undefined) return undefined;
    if (text !== undefined) current.text += text;
    else if (name !== undefined && !step(open, { name, closes: slash === '/', empty: empty === '/' })) return undefined;
    else if (name === undefined && !token.startsWith('<?') && !token.startsWith('<!--')) return undefined;
  }
  const content = contentOf(top);
  return open.length === 1 && typeof content === 'object' && top.children.size === 1 ? content : undefined;
}

/** Opens or closes an element; false when the tags do not nest. */
function step(open: Element[], { name, closes, empty }: { name: string; closes: boolean; empty: boolean }): boolean {
  if (!closes) {
    open.push({ name, text: '', children: new Map() });
    if (open.length > MAX_DEPTH) return false;
    return empty ? close(open, name) : true;
  }
  return close(open, name);
}

function close(open: Element[], name: string): boolean {
  const ended = open.pop();
  const parent = open.at(-1);
  if (!ended || !parent || ended.name !== name) return false;
  const siblings = parent.children.get(name) ?? [];
  parent.children.set(name, [...siblings, contentOf(ended)]);
  return true;
}

function contentOf(element: Element): string | Tree {
  if (element.children.size === 0) return unescaped(element.text.trim());
  const entries = [...element.children].map(([name, values]): [string, Branch] => [name, one(values)]);
  return Object.fromEntries(entries);
}

/** A repeated element is a list of trees. Text is never repeated, so its last value counts. */
function one(values: readonly Branch[]): Branch {
  const trees = values.filter((value): value is Tree => typeof value === 'object' && !Array.isArray(value));
  return trees.length > 1 ? trees : (values.at(-1) ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(amp|lt|gt|quot|apos);/g, (entity, name: string) => ENTITIES[name] ?? entity);
}

/** Writes a tree as a document, with the XML declaration that E*TRADE's answers have. */
export function toXml(tree: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>${elements(tree)}`;
}

function elements(tree: Tree): string {
  return Object.entries(tree)
    .map(([name, value]) => (isList(value) ? value.map((item) => tag(name, item)).join('') : tag(name, value)))
    .join('');
}

function tag(name: string, value: Exclude<Branch, readonly Tree[]>): string {
  return `<${name}>${typeof value === 'object' ? elements(value) : escaped(String(value))}</${name}>`;
}

function isList(value: Branch): value is readonly Tree[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
