import { aTurn, anAcceptedTurn } from '../../../test/fixtures/turns';
import { readEvent } from './read-event';

const bytes = (content: unknown): Uint8Array => Buffer.from(JSON.stringify(content));

describe('readEvent', () => {
  it('reads a turn', () => {
    expect(readEvent(bytes(anAcceptedTurn()))).toEqual({ kind: 'turn', turn: anAcceptedTurn() });
  });

  it('tells feedback from turns', () => {
    const { v, uid, tenant, source, acceptedAt, saidAt, id, conversationId } = anAcceptedTurn();
    const accepted = { v, uid, tenant, source, acceptedAt, saidAt, id, conversationId };

    expect(readEvent(bytes({ ...accepted, type: 'feedback', kind: 'thumb', value: -1 }))).toEqual({ kind: 'feedback' });
  });

  it.each([
    ['no JSON', Buffer.from('{"type":')],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ['nothing', Buffer.from('')],
    ['very deep JSON', Buffer.from('['.repeat(100_000))],
  ])('sets aside %s', (_what, value) => {
    expect(readEvent(value)).toEqual({ kind: 'unreadable', reason: 'not JSON in UTF-8' });
  });

  it('names the field at fault, and nothing that was said', () => {
    const turn = { ...anAcceptedTurn(), attributes: { 'my secret': { deep: 'my secret' } } };

    expect(readEvent(bytes(turn))).toEqual({
      kind: 'unreadable',
      reason: 'not an event: /attributes is not as it should be',
    });
  });

  it('takes a turn that never passed the door for unreadable', () => {
    expect(readEvent(bytes(aTurn()))).toMatchObject({ kind: 'unreadable' });
  });
});
