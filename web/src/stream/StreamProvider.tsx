import { useEffect, useState, type ReactNode } from "react";
import { StreamContext } from "./hooks";
import { LeaderLink } from "./leader";
import { StreamStore, gathered } from "./store";

/** Opens the stream for everything below it, once. */
export function StreamProvider({ children }: { children: ReactNode }) {
  const [stream] = useState(() => {
    const store = new StreamStore(gathered);
    const link = new LeaderLink({
      message: (message) => store.take(message),
      connection: (connection) => store.setConnection(connection),
      picture: (model) => store.adopt(model),
      model: () => store.latest(),
    });
    return { store, link, retryNow: () => link.retryNow() };
  });
  useEffect(() => {
    stream.link.open();
    return () => stream.link.close();
  }, [stream]);
  return <StreamContext value={stream}>{children}</StreamContext>;
}
