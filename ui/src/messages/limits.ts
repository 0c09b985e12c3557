/** Limits of what goes over the line, and the times in which they hold: of hosting and of all transfers. */
export const limits = {
  none: 'No speed limit is set.',
  hold: 'The speed limits hold now.',
  rest: 'The speed limits rest at the moment, by the schedule.',
  up: 'Upload limit, in kB a second',
  down: 'Download limit, in kB a second',
  rateAbout: 'Empty means no limit.',
  rateWrong: 'Type a whole number.',
  rateTooLarge: (most: string) => `Type a number up to ${most}.`,
  schedule: 'Times in which the speed limits hold',
  scheduleAbout:
    'Spans of local time, which may pass midnight, with their days in front where not every day is meant: “22:00-06:00”, or “mon-fri 08:00-18:00, sat-sun 10:00-22:00”. Empty means always.',
  save: 'Save',
  saved: 'Saved.',
  unchanged: 'Nothing was changed.',
  refused: 'Nothing was saved.',
} as const;
