import { useRef } from "react";

/** Letters that follow each other within this time are one word. */
const pauseMs = 700;

/** Gathers the letters a person types while a list has the focus. */
export function useTypeAhead() {
  const state = useRef({ word: "", at: 0 });
  const isTyping = () => state.current.word !== "" && performance.now() - state.current.at < pauseMs;
  return {
    isTyping,
    /** @returns the word so far */
    type(letter: string): string {
      state.current = { word: (isTyping() ? state.current.word : "") + letter.toLowerCase(), at: performance.now() };
      return state.current.word;
    },
  };
}

/**
 * The next row that begins with what was typed, from the active one on and round; -1 where there is none.
 * One letter, typed again and again, goes from one to the next.
 */
export function findTyped(word: string, active: number, count: number, textAt: (index: number) => string): number {
  const isOneLetter = Array.from(word).every((letter) => letter === word[0]);
  const sought = isOneLetter ? (word[0] ?? "") : word;
  for (let step = isOneLetter ? 1 : 0; step <= count; step += 1) {
    const index = (active + step) % count;
    if (textAt(index).toLowerCase().startsWith(sought)) return index;
  }
  return -1;
}
