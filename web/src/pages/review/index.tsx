import { lazy } from "react";
import { Route, Routes } from "react-router";
import { Calendar } from "./Calendar";

const Replay = lazy(() => import("./Replay"));

/** `/review`, with `?day=`: the calendar; `/review/<run>`: a day again. */
export default function Review() {
  return (
    <Routes>
      <Route index element={<Calendar />} />
      <Route path=":id" element={<Replay />} />
    </Routes>
  );
}
