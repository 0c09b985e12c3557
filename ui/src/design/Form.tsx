import type { ReactNode } from 'react';

export interface FormProps {
  children: ReactNode;
  label?: string;
  className?: string | undefined;
  onSubmit: () => void;
}

/** Fields that are given together, by a button or by Enter. */
export function Form({ children, label, className, onSubmit }: FormProps) {
  return (
    <form
      className={className}
      aria-label={label}
      onSubmit={(event) => {
        // The page stays: what was typed goes to the shell.
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}
