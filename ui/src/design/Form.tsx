import { type ReactNode, useEffect, useRef, useState } from 'react';

export interface FormProps {
  children: ReactNode;
  label?: string;
  className?: string | undefined;
  /** By which a button that lies elsewhere submits it. */
  id?: string;
  onSubmit: () => void;
}

/** Fields that are given together, by a button or by Enter; the first that cannot be taken gets the focus, which says why. */
export function Form({ children, label, className, id, onSubmit }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  // Counted, so that what was drawn for this submit is looked at, and once.
  const [submits, setSubmits] = useState(0);
  useEffect(() => {
    if (submits > 0) {
      form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
    }
  }, [submits]);
  return (
    <form
      ref={form}
      id={id}
      className={className}
      aria-label={label}
      onSubmit={(event) => {
        // The page stays: what was typed goes to the shell.
        event.preventDefault();
        onSubmit();
        setSubmits(submits + 1);
      }}
    >
      {children}
    </form>
  );
}
