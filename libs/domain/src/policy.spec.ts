import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { CATEGORIES } from './verdict';
import { durationMs, policyRef, policySchema } from './policy';

const rule = { id: 'r', category: 'hate', roles: ['user'], threshold: 0.5, severity: 'low' };
const policy = { schema: 1, id: 'p', version: 1, rules: [rule] };

describe('policies', () => {
  it.each([
    ['an unknown field', { ...policy, colour: 1 }],
    ['a threshold of 0, which everything reaches', { ...policy, rules: [{ ...rule, threshold: 0 }] }],
    ['a duration without a unit', { ...policy, rules: [{ ...rule, actions: [{ do: 'block', for: '24' }] }] }],
    ['two rules of one id', { ...policy, rules: [rule, rule] }],
    ['no rules', { ...policy, rules: [] }],
  ])('refuses %s', (_, value) => {
    expect(policySchema.safeParse(value).success).toBe(false);
  });

  it('has a hash of its content, whatever the order of the keys', () => {
    const one = policySchema.parse(policy);
    const other = policySchema.parse({ rules: [rule], version: 1, id: 'p', schema: 1 });
    expect(policyRef(other)).toEqual(policyRef(one));
    expect(policyRef({ ...one, version: 2 }).hash).not.toBe(policyRef(one).hash);
  });

  it.each([
    ['30s', 30_000],
    ['15m', 900_000],
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('reads %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it('ships a default that names every category', () => {
    const shipped = policySchema.parse(parse(readFileSync(join(__dirname, '..', 'policies', 'default.yaml'), 'utf8')));
    expect(new Set(shipped.rules.map(({ category }) => category))).toEqual(new Set(CATEGORIES));
  });
});
