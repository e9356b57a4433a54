import { judge, policySchema, TOPICS } from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { A_POLICY, anEventRecord, WordClassifier } from '../fixtures/stream';
import { aJudge, judgedRecords, recordsOf, SOME_TURNS } from './a-week';
import { Folder } from './a-folder';

/**
 * Chapter 4. Some systems have one code for the stream and another for the batch, and the two drift apart. Here there is
 * one definition of every rule. History is judged by the very code that judges live, out of the very same log: with the
 * same model and policy nothing changes, and with others one sees what would have been.
 */
describe('4. The same rules over history', () => {
  let folder: Folder;
  let log: LmdbEventLog;

  beforeAll(async () => {
    folder = await Folder.make();
    log = folder.keep(LmdbEventLog.open({ dir: folder.of('log') }));
    await log.append(SOME_TURNS.map(anEventRecord));
  });
  afterAll(() => folder.end());

  it('judging the same log again gives the same ids, and the log takes none of them twice', async () => {
    const live = await judgedRecords(aJudge(), await recordsOf(log, TOPICS.events));
    expect((await log.append(live)).map(({ outcome }) => outcome)).toEqual(Array(7).fill('appended'));

    // Weeks later someone replays the log: after a bug, to be sure, or because a disk was lost.
    const replayed = await judgedRecords(aJudge(), await recordsOf(log, TOPICS.events));
    expect(replayed.map(({ id }) => id)).toEqual(live.map(({ id }) => id));

    // A verdict's id is a hash of the event, the model and the policy. So a replay may run at any time, also beside the
    // stream, and also twice: what is there already is a duplicate.
    expect((await log.append(replayed)).map(({ outcome }) => outcome)).toEqual(Array(7).fill('duplicate'));
    expect(await recordsOf(log, TOPICS.verdicts)).toHaveLength(6);
    expect(await recordsOf(log, TOPICS.alerts)).toHaveLength(1);
  });

  it('another model is another verdict: what was said before stays beside it', async () => {
    class NewerClassifier extends WordClassifier {
      override readonly model = { name: 'words', version: '2', sha256: 'c'.repeat(64) };
    }
    const again = await judgedRecords(aJudge(new NewerClassifier()), await recordsOf(log, TOPICS.events));
    const outcomes = (await log.append(again)).map(({ outcome }) => outcome);
    // Six new verdicts. The alert is about the event and the rule, whoever scored it: nobody is blocked twice for it.
    expect(outcomes.filter((outcome) => outcome === 'appended')).toHaveLength(6);
    expect(await recordsOf(log, TOPICS.alerts)).toHaveLength(1);
  });

  it('a stricter policy can be tried on what was said, before it judges anyone', async () => {
    const [rule] = A_POLICY.rules;
    const stricter = policySchema.parse({ ...A_POLICY, version: 4, rules: [{ ...rule, threshold: 0.005 }] });
    const classifier = new WordClassifier();
    const classified = await classifier.classify(SOME_TURNS.map(({ text }) => ({ text, role: 'user' as const })));
    const flaggedBy = (policy: typeof A_POLICY) =>
      SOME_TURNS.filter((turn, at) => {
        const found = classified[at];
        return found?.outcome === 'scored' && judge(turn, found.scores, policy).flagged;
      }).map(({ id }) => id);
    // `judge` is a pure function: nothing is written, nobody is acted on.
    expect(flaggedBy(A_POLICY)).toEqual(['evt-3']);
    expect(flaggedBy(stricter)).toEqual(['evt-1', 'evt-3', 'evt-5']);
  });
});

// The stream has its answer within milliseconds. Chapter 5 takes the same log to where the weeks are counted.
