import { actionId, alertId, eventUid, verdictId } from './ids';

describe('content ids', () => {
  it('never change: what is in the log and in the lake bears them', () => {
    expect(eventUid('t', 's', 'evt-1')).toBe('79cec1cf94b807c30e151b2e50cc5358');
  });

  it('tell apart what differs in one field, wherever the border between fields lies', () => {
    const ids = [
      eventUid('a', 'b', 'c'),
      eventUid('ab', '', 'c'),
      eventUid('a', 'bc', ''),
      alertId('a', 'b', 'c'),
      actionId('a', 'b', 'c'),
      verdictId('a', 'b', 'c', ''),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });
});
