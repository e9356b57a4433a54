import type { Command } from 'commander';
import { SCOPES } from '@watchkeeper/domain';
import { print, printJson, withConnection, withData, withJson, type DataOptions } from './options';

interface KeyRow {
  readonly keyId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  readonly lastUsedAt?: string;
}

export function addKeyCommands(root: Command): void {
  const keys = root.command('keys').description('API keys');
  withJson(withData(keys.command('create')))
    .description('make a key; it is shown once')
    .argument('<name>', 'who uses it; the default source of the events it posts')
    .option('--scopes <scopes>', `comma-separated: ${SCOPES.join(', ')}`, 'ingest:write,events:read')
    .option('--expires <instant>', 'ISO 8601')
    .option('--tenant <tenant>', 'whose data it opens (default: your own)')
    .addHelpText('after', '\nExample:\n  watchkeeper keys create chat-web --scopes ingest:write,alerts:read')
    .action(async (name: string, options: DataOptions & { scopes: string; expires?: string; tenant?: string }) => {
      const body = {
        name,
        scopes: options.scopes.split(',').map((scope) => scope.trim()),
        ...(options.expires && { expiresAt: options.expires }),
        ...(options.tenant && { tenant: options.tenant }),
      };
      const made = await withConnection(options, ({ client }) =>
        client.post<KeyRow & { key: string }>('/v1/keys', body),
      );
      if (options.json) printJson(made);
      else print(`${made.key}\nThis key is shown only now. Its id is ${made.keyId}.`);
    });
  withJson(withData(keys.command('list')))
    .description('the keys of this tenant')
    .action(async (options: DataOptions) => {
      const { keys: rows } = await withConnection(options, ({ client }) => client.get<{ keys: KeyRow[] }>('/v1/keys'));
      if (options.json) printJson(rows);
      else for (const row of rows) print(`${row.keyId}  ${row.name}  ${row.scopes.join(',')}  ${stateOf(row)}`);
    });
  withData(keys.command('revoke'))
    .description('a revoked key opens nothing within a second')
    .argument('<keyId>')
    .action(async (keyId: string, options: DataOptions) => {
      await withConnection(options, ({ client }) => client.delete(`/v1/keys/${encodeURIComponent(keyId)}`));
      print(`${keyId} is revoked`);
    });
}

function stateOf(row: KeyRow): string {
  if (row.revokedAt) return `revoked ${row.revokedAt}`;
  return row.lastUsedAt ? `last used ${row.lastUsedAt}` : 'never used';
}
