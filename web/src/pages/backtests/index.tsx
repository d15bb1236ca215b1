import { lazy } from "react";
import { Route, Routes } from "react-router";
import { RunList } from "./RunList";

const RunForm = lazy(() => import("./RunForm"));
const RunPage = lazy(() => import("./RunPage"));

/** `/backtests`, with `?compare=a,b`; `/backtests/new`, with `?from=<run>`; `/backtests/<run>`. */
export default function Backtests() {
  return (
    <Routes>
      <Route index element={<RunList />} />
      <Route path="new" element={<RunForm />} />
      <Route path=":id" element={<RunPage />} />
    </Routes>
  );
}
