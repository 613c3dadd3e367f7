/** Kubernetes quantities ("500m", "2Gi") as exact numbers, for sums and comparisons. */

/** CPU in thousandths of a core and memory or storage in bytes. Both are integers. */
export interface Amount {
  cpuMillis: number;
  memoryBytes: number;
}

/** CPU and memory of one container as Kubernetes writes them, for example `{cpu: "500m", memory: "1Gi"}`. */
export interface Size {
  cpu: string;
  memory: string;
}

const cpuPattern = /^(\d+(?:\.\d{1,3})?|\d+m)$/;
const bytesPattern = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|Ti|Pi)?$/;
const binary: Record<string, number> = { "": 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50 };

/** One GiB in bytes. */
export const gibibyte = 2 ** 30;

/** True for "2", "0.5" and "250m", the only ways in which this project writes CPU. */
export function isCpu(text: string): boolean {
  return cpuPattern.test(text);
}

/** True for plain bytes and the binary units Ki to Pi. Decimal units are refused: "1G" reads like 1Gi and is 7 % less. */
export function isBytes(text: string): boolean {
  const match = bytesPattern.exec(text);
  return match !== null && Number.isInteger(Number(match[1]) * (binary[match[2] ?? ""] ?? 1));
}

/** "250m" -> 250, "2" -> 2000. Throws a RangeError on anything `isCpu` refuses. */
export function cpuMillis(text: string): number {
  if (!isCpu(text)) throw new RangeError(`"${text}" is not a CPU quantity, want for example "500m" or "2"`);
  return text.endsWith("m") ? Number(text.slice(0, -1)) : Math.round(Number(text) * 1000);
}

/** "2Gi" -> 2147483648. Throws a RangeError on anything `isBytes` refuses. */
export function bytes(text: string): number {
  const match = bytesPattern.exec(text);
  if (match === null || !isBytes(text)) {
    throw new RangeError(`"${text}" is not a binary size, want for example "512Mi" or "2Gi"`);
  }
  return Number(match[1]) * (binary[match[2] ?? ""] ?? 1);
}

/** CPU and memory of a size as numbers. */
export function amount(size: Size): Amount {
  return { cpuMillis: cpuMillis(size.cpu), memoryBytes: bytes(size.memory) };
}

/** The sum of any number of amounts; of none, zero. */
export function sum(amounts: readonly Amount[]): Amount {
  return amounts.reduce(
    (total, one) => ({
      cpuMillis: total.cpuMillis + one.cpuMillis,
      memoryBytes: total.memoryBytes + one.memoryBytes,
    }),
    { cpuMillis: 0, memoryBytes: 0 },
  );
}

/** An amount, `times` times. */
export function multiply(one: Amount, times: number): Amount {
  return { cpuMillis: one.cpuMillis * times, memoryBytes: one.memoryBytes * times };
}

/** The larger of each part of two amounts. */
export function larger(one: Amount, other: Amount): Amount {
  return {
    cpuMillis: Math.max(one.cpuMillis, other.cpuMillis),
    memoryBytes: Math.max(one.memoryBytes, other.memoryBytes),
  };
}

/** 1500 -> "1500m", 2000 -> "2": the canonical form, which an API server would also answer with. */
export function formatCpu(millis: number): string {
  return millis % 1000 === 0 ? String(millis / 1000) : `${millis}m`;
}

/** Bytes in the largest binary unit that keeps them whole: 2147483648 -> "2Gi". */
export function formatBytes(size: number): string {
  for (const unit of ["Ti", "Gi", "Mi", "Ki"]) {
    const factor = binary[unit] ?? 1;
    if (size !== 0 && size % factor === 0) return `${size / factor}${unit}`;
  }
  return String(size);
}
