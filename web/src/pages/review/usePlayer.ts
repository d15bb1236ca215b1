import { useEffect, useState } from "react";
import { advanced } from "./moment";

export const SPEEDS = [1, 2, 5, 10] as const;
export type Speed = (typeof SPEEDS)[number];

export interface PlayerState {
  index: number;
  playing: boolean;
  /** Snapshots a second. */
  speed: Speed;
  seek: (index: number) => void;
  /** From the beginning again, when it stands at the end. */
  toggle: () => void;
  setSpeed: (speed: Speed) => void;
}

/** Where in the day we are. It begins at the end, where the whole day can be seen. */
export function usePlayer(count: number): PlayerState {
  const [index, setIndex] = useState(count - 1);
  const [wanted, setWanted] = useState(false);
  const [speed, setSpeed] = useState<Speed>(2);
  const atEnd = index >= count - 1;
  const playing = wanted && !atEnd;
  if (wanted && atEnd) setWanted(false); // or a step back from the end would play on by itself
  useEffect(() => {
    if (!playing) return undefined;
    const timer = window.setInterval(() => setIndex((before) => advanced(before, count)), 1000 / speed);
    return () => window.clearInterval(timer);
  }, [playing, speed, count]);
  return {
    index: Math.min(index, count - 1),
    playing,
    speed,
    seek: (next) => setIndex(Math.max(0, Math.min(count - 1, next))),
    toggle: () => {
      if (atEnd) setIndex(0);
      setWanted(!playing);
    },
    setSpeed,
  };
}
