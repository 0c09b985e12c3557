import { useRef } from 'react';
import { Label, Text, TextArea, TextField } from 'react-aria-components';

import { Button } from '../../design/Button';
import { formatCount, isolated, shortName } from '../../lib/format';
import { messages } from '../../messages';
import { PHRASE_WORDS, phraseWords, type WordProblem, withWord, wordProblems } from './model';
import styles from './Onboarding.module.css';

/** More wrong words than these are another text altogether. */
const SHOWN_PROBLEMS = 4;

/** The words of an identity that exists, typed or pasted; each is held against the list while it is typed. */
export function PhraseField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { onboarding } = messages;
  const area = useRef<HTMLTextAreaElement>(null);
  const count = phraseWords(value).length;
  const problems = wordProblems(value);
  return (
    <>
      <TextField
        className={styles.field ?? ''}
        value={value}
        onChange={onChange}
        isInvalid={problems.length > 0 || count > PHRASE_WORDS}
        autoComplete="off"
        spellCheck="false"
      >
        <Label className={styles.label ?? ''}>{onboarding.phrase}</Label>
        <TextArea ref={area} className={styles.area ?? ''} rows={4} autoCapitalize="none" />
        <Text slot="description" className={styles.quiet ?? ''}>
          {onboarding.phraseAbout}{' '}
          <span className="tabular">{onboarding.phraseCount(formatCount(count))}</span>
        </Text>
      </TextField>
      <div role="status" className={styles.problems}>
        {problems.slice(0, SHOWN_PROBLEMS).map((problem) => (
          <Problem
            key={problem.index}
            problem={problem}
            onTake={(meant) => {
              onChange(withWord(value, problem.index, meant));
              // The button that was pressed goes.
              area.current?.focus();
            }}
          />
        ))}
        {problems.length > SHOWN_PROBLEMS && (
          <p>
            {onboarding.moreProblems(
              problems.length - SHOWN_PROBLEMS,
              formatCount(problems.length - SHOWN_PROBLEMS),
            )}
          </p>
        )}
        {count > PHRASE_WORDS && <p>{onboarding.tooManyWords(formatCount(count))}</p>}
      </div>
    </>
  );
}

function Problem({ problem, onTake }: { problem: WordProblem; onTake: (meant: string) => void }) {
  const { onboarding } = messages;
  const { index, word, meant } = problem;
  return (
    <p className={styles.problem}>
      {onboarding.unknownWord(formatCount(index + 1), isolated(shortName(word)))}
      {meant !== undefined && (
        <Button look="quiet" onPress={() => onTake(meant)}>
          {onboarding.takeWord(meant)}
        </Button>
      )}
    </p>
  );
}
