import { groupBy } from './group-by';
import type { ManifestFile } from './manifest-list';
import type { SnapshotId } from './types';

const MERGE_FROM = 100;
const MANIFEST_BYTES_TARGET = 8 * 1024 * 1024;

/**
 * Groups of small manifests to be merged into one each, once there are so many that reading them all costs more than
 * writing them anew. Manifests that this commit has rewritten stay: their deleted entries tell what it took out.
 */
export function manifestsToMerge(
  properties: Readonly<Record<string, string>>,
  manifests: readonly ManifestFile[],
  snapshotId: SnapshotId,
): readonly (readonly ManifestFile[])[] {
  if (properties['commit.manifest-merge.enabled'] === 'false') return [];
  const mergeFrom = positive(properties['commit.manifest.min-count-to-merge']) ?? MERGE_FROM;
  const target = BigInt(positive(properties['commit.manifest.target-size-bytes']) ?? MANIFEST_BYTES_TARGET);
  const small = manifests.filter(
    ({ content, addedSnapshotId, lengthBytes }) =>
      content === 'data' && addedSnapshotId !== snapshotId && lengthBytes * 2n < target,
  );
  if (small.length < mergeFrom) return [];
  const groups: ManifestFile[][] = [];
  for (const ofSpec of groupBy(small, (manifest) => manifest.specId).values()) {
    let group: ManifestFile[] = [];
    let bytes = 0n;
    for (const manifest of ofSpec) {
      if (bytes + manifest.lengthBytes > target) {
        groups.push(group);
        group = [];
        bytes = 0n;
      }
      group.push(manifest);
      bytes += manifest.lengthBytes;
    }
    groups.push(group);
  }
  return groups.filter((group) => group.length > 1);
}

function positive(text: string | undefined): number | undefined {
  const number = Number(text);
  return Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
