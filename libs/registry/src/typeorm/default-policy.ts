import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DomainError, parseWith, policySchema, type Policy } from '@watchkeeper/domain';

/** The policy of every tenant that has set none of its own. Throws `bad-policy` and names each fault in the file. */
export async function readPolicyFile(file: string): Promise<Policy> {
  const parsed = parseWith(policySchema, await readYaml(file));
  if (parsed.ok) return parsed.value;
  const faults = parsed.faults.map(({ pointer, detail }) => `${pointer || '/'} ${detail}`).join('; ');
  throw new DomainError('bad-policy', `the default policy ${file} is not valid: ${faults}`);
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new DomainError('bad-policy', `the default policy ${file} could not be read`, { cause });
  }
}
