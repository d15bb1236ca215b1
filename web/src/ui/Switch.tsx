import * as Radix from "@radix-ui/react-switch";
import styles from "./Switch.module.css";

interface Props {
  id?: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  /** What it switches, when no label points to it. */
  label?: string;
  "aria-describedby"?: string;
}

/** On or off. The word for its state stands beside it, for colour and side alone tell too little. */
export function Switch({ checked, onChange, label, ...rest }: Props) {
  return (
    <Radix.Root
      className={styles.switch}
      checked={checked}
      onCheckedChange={onChange}
      aria-label={label}
      {...rest}
    >
      <Radix.Thumb className={styles.thumb} />
    </Radix.Root>
  );
}
