// Makes internal/fakeslack/blockkit/schema.json: the shape of Block Kit from Slack's own TypeScript types
// (@slack/types), with the limits that those types state in their doc comments. The result is committed, so that
// `go test` needs no Node; run `npm ci && npm run schema` here after a new version of @slack/types.
import fs from 'node:fs';

const schema = JSON.parse(fs.readFileSync('slack-types.schema.json', 'utf8'));
const defs = schema.definitions;
const limits = new Set();

const maxLength = /(?:max(?:imum)? length|must be less than|limit)[^.]*?([\d,]{2,6})\s+characters/i;
const maxItems = new RegExp([
  'max(?:imum)? of (\\d+)',
  'maximum(?: number of)? (?:items|options|option groups|blocks|rows) is (\\d+)',
  'maximum(?: number of (?:items|options|option groups))? (?:is )?(\\d+) (?:blocks|rows|cards)',
  'maximum number of [a-z ]+ is (\\d+)',
  'up to (\\d+)',
  'minimum 1, maximum (\\d+)',
].join('|'), 'i');

// A limit belongs to the string itself, to each text object of a list, or to the text of a text object.
function limitLength(owner, key, property, n) {
  const text = { properties: { text: { maxLength: n } } };
  if (property.type === 'array') property.items = { allOf: [property.items, text] };
  else if (property.type === 'string') property.maxLength = n;
  else owner.properties[key] = { allOf: [property, text] };
}

function readLimits(name, node) {
  for (const part of [...(node.anyOf ?? []), ...(node.allOf ?? [])]) readLimits(name, part);
  for (const [key, property] of Object.entries(node.properties ?? {})) {
    const doc = (property.description ?? '').replace(/\s+/g, ' ');
    delete property.description;
    const length = doc.match(maxLength);
    if (length) {
      const n = Number(length[1].replace(/,/g, '')) - (/less than/i.test(length[0]) ? 1 : 0);
      limitLength(node, key, property, n);
      limits.add(`${name}.${key} length <= ${n}`);
    }
    const items = property.type === 'array' && doc.match(maxItems);
    if (items) {
      property.maxItems = Number(items.slice(1).find(Boolean));
      limits.add(`${name}.${key} items <= ${property.maxItems}`);
    }
    if (/minimum length[^.]*? 1\b/i.test(doc) && property.type === 'string') property.minLength = 1;
  }
}
for (const [name, def] of Object.entries(defs)) readLimits(name, def);

// What Slack's reference pages say and the doc comments do not. Kept few on purpose.
defs.Blocks.minItems = 1;
defs.Blocks.maxItems = 50;
defs.ModalView.properties.blocks.maxItems = 100;
defs.HomeView.properties.blocks.maxItems = 100;
defs.ActionsBlock.properties.elements.minItems = 1;
defs.TableBlock.properties.rows.items.maxItems = 20;
defs.SectionBlock.anyOf = [{ required: ['text'] }, { required: ['fields'] }];
for (const name of Object.keys(defs)) {
  if (/Select$/.test(name) && defs[name].properties?.options) defs[name].properties.options.minItems = 1;
}

// A "one of these types" list reports every alternative that did not match. With the type as discriminator only
// the wanted alternative is tried, and its own error is what one reads.
function typesOf(node) {
  if (node?.$ref) return typesOf(defs[node.$ref.replace('#/definitions/', '')]);
  const type = node?.properties?.type;
  if (type) return type.const ? [type.const] : (type.enum ?? []);
  return (node?.anyOf ?? []).flatMap(typesOf);
}
function discriminate(node) {
  if (Array.isArray(node)) return node.forEach(discriminate);
  if (node === null || typeof node !== 'object') return;
  Object.values(node).forEach(discriminate);
  if (!node.anyOf) return;
  const types = node.anyOf.map((part) => [...new Set(typesOf(part))]);
  const all = types.flat();
  if (all.length === 0 || types.some((t) => t.length === 0) || new Set(all).size !== all.length) return;
  node.required = ['type'];
  node.properties = { type: { enum: all } };
  node.allOf = node.anyOf.map((part, i) => ({
    if: { properties: { type: { enum: types[i] } }, required: ['type'] }, then: part,
  }));
  delete node.anyOf;
}
discriminate(defs);

// Prose is not needed to validate.
(function strip(node) {
  if (Array.isArray(node)) return node.forEach(strip);
  if (node === null || typeof node !== 'object') return;
  if (typeof node.description === 'string') delete node.description;
  Object.values(node).forEach(strip);
})(defs);

// Only what a message or a view can reach.
const kept = {};
function keep(name) {
  if (kept[name]) return;
  kept[name] = defs[name];
  for (const [, ref] of JSON.stringify(defs[name]).matchAll(/#\/definitions\/([^"]+)/g)) keep(decodeURIComponent(ref));
}
['Blocks', 'ModalView', 'HomeView'].forEach(keep);

const out = '../../internal/fakeslack/blockkit/';
const sorted = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => a.localeCompare(b)));
const lines = Object.entries(sorted).map(([name, def]) => `${JSON.stringify(name)}:${JSON.stringify(def)}`);
fs.mkdirSync(out, { recursive: true });
fs.writeFileSync(`${out}schema.json`,
  `{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{\n${lines.join(',\n')}\n}}\n`);
console.log(`${lines.length} definitions, ${limits.size} limits`);
