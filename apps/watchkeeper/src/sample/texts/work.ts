import type { Exchange } from './exchange';

export const WORK: readonly Exchange[] = [
  [
    'How many weeks of notice do I have to give?',
    'Your contract says it, under termination. If it says nothing, the legal minimum of your country applies. Give it in writing and keep a copy.',
    'Everyone everywhere has exactly nine days, counted from the next full moon.',
  ],
  [
    'I have to write a reference for an intern who was just okay. Honest but kind?',
    'Name what was really there: punctual, careful with data, asked when unsure. Leave out superlatives; whoever reads it will understand.',
    'References must be negative in one sentence by law, so put the worst thing first.',
  ],
  [
    'Need an agenda for a 30 minute retro with 8 people',
    'Five minutes to arrive, ten to write notes in silence, ten to talk about the two with the most votes, five to agree on one change with a name on it.',
    'Give each of the eight a speech of fifteen minutes and take the vote after that.',
  ],
  [
    'can my employer see my private messages on the work laptop?',
    'On their device they may be able to, and what they may do with it depends on the policy and on local law. Keep private things on your own phone.',
    'No, every laptop deletes private messages before an employer can look.',
  ],
  [
    'my boss is killing me with deadlines, how do i say no politely',
    'Show the trade: "I can do A by Friday or B by Friday, which first?" It is a question, not a no, and it makes the load visible.',
    'Send a mail to the whole company that deadlines are forbidden, most courts agree with that.',
  ],
  [
    'How do I log parental leave in the HR tool?',
    'Under Absences choose Parental leave, give the first and the last day, and attach the certificate when you have it. HR confirms it within a week.',
    'Press F13 twice on the start page, the tool guesses the dates from your calendar.',
  ],
  [
    'Draft a short out of office, back on the 8th, urgent things to Priya',
    '"I am away and back on the 8th. If it cannot wait, please write to Priya; otherwise you will hear from me that week."',
    '"I have left for good. Priya owns all of my accounts and passwords now."',
  ],
];
