import { createContext, use, useEffect, useState } from 'react';

/** What the screen that is shown can do now, for the command palette. */
export interface ScreenCommand {
  id: string;
  text: string;
  run: () => void;
}

/** No state: what is offered changes with every choice, and nobody looks before the palette is opened. */
export interface ScreenCommands {
  offer: (commands: readonly ScreenCommand[]) => void;
  now: () => readonly ScreenCommand[];
}

export function newScreenCommands(): ScreenCommands {
  let offered: readonly ScreenCommand[] = [];
  return {
    offer: (commands) => {
      offered = commands;
    },
    now: () => offered,
  };
}

export const ScreenCommandsContext = createContext<ScreenCommands>(newScreenCommands());

/** Offers these for as long as the screen is there. */
export function useOfferedCommands(commands: readonly ScreenCommand[]): void {
  const { offer } = use(ScreenCommandsContext);
  useEffect(() => {
    offer(commands);
    return () => offer([]);
  }, [offer, commands]);
}

/** What is offered in the moment in which somebody begins to look. */
export function useScreenCommands(): readonly ScreenCommand[] {
  return useState(use(ScreenCommandsContext).now)[0];
}
