import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { client } from '../../ipc/client';
import { keys } from '../../ipc/keys';
import { useCommand } from '../../ipc/useCommand';
import { useShellState } from '../../ipc/useShellState';
import styles from './Onboarding.module.css';
import { WordCheck } from './WordCheck';
import { WordList } from './WordList';

/** The 24 words: shown when asked for, kept in one way or another, and checked. The words live in this screen and nowhere else. */
export function PhraseScreen({ onClose }: { onClose: () => void }) {
  const queryClient = useQueryClient();
  const [words, setWords] = useState<readonly string[] | null>(null);
  const [isChecking, setChecking] = useState(false);
  const show = useCommand(client.phraseShow, (answer) => setWords(answer.words), { isSecret: true });
  const isConfirmed = useShellState().data?.phrase_confirmed;
  const confirm = useCommand(client.phraseConfirmed, () => {
    setWords(null);
    queryClient.invalidateQueries({ queryKey: keys.shell }).catch(() => undefined);
  });
  return (
    <div className={styles.screen}>
      {isChecking && (words !== null || confirm.isDone) ? (
        <WordCheck
          words={words ?? []}
          isDone={confirm.isDone}
          isRunning={confirm.isRunning}
          error={confirm.error}
          onConfirm={() => confirm.run()}
          onBack={() => setChecking(false)}
          onClose={onClose}
        />
      ) : (
        <WordList
          words={words}
          isRunning={show.isRunning}
          error={show.error}
          onShow={() => show.run()}
          onHide={() => setWords(null)}
          isConfirmed={isConfirmed === true}
          onNext={() => setChecking(true)}
          onClose={onClose}
        />
      )}
    </div>
  );
}
