/* Generated, but for what stands in `types.d.ts` of bindings/node. */
/* eslint-disable */

/** YAML, JSON, or an object of what JSON can hold. */
export type KubernetesObject = string | Uint8Array | object

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'

/** Which form of objects policies see. */
export type View = 'admitted' | 'written'

export interface User {
  username?: string
  uid?: string
  groups?: string[]
  extra?: Record<string, string[]>
}

export interface EngineOptions {
  /** Whose CEL functions, kinds and defaults there are; 1.37 without one. */
  kubernetesVersion?: string
  view?: View
  /** Policies without a binding do nothing, as in a cluster. */
  requireBindings?: boolean
  /** Who asks; `kubernetes-admin` without one. */
  user?: User
  /** For namespaced objects that name none. */
  namespace?: string
}

export interface RequestOptions {
  operation?: Operation
  /** JSON or YAML as text, or an object. */
  oldObject?: string | object
  user?: User
  namespace?: string
  name?: string
  subResource?: string
  dryRun?: boolean
  /** The options of the operation, such as CreateOptions. */
  options?: object
}

export interface AdmitOptions {
  kubernetesVersion?: string
  namespace?: string
}

export interface CheckOptions {
  oldObjects?: string[]
  operation?: Operation
  user?: User
  kubernetesVersion?: string
  view?: View
  namespace?: string
  requireBindings?: boolean
  hidden?: boolean
  explain?: boolean
  /** Also tell what every policy made of every object. */
  decisions?: boolean
}

export interface ExpressionOptions {
  /** Variables by name, with their CEL type; `dyn` is any. */
  variables?: Record<string, string>
  kubernetesVersion?: string
}

export interface Report {
  allowed: boolean
  /** Why not, as the API server's error says it. */
  status: Status | null
  warnings: string[]
  auditAnnotations: Record<string, string>
  /** Every decision of every policy that matched, admitted ones too. */
  decisions: Decision[]
  /** CEL cost of all decisions. */
  cost: number
}

export interface Status {
  code: number
  reason: string
  message: string
}

export interface Decision {
  policy: string
  binding: string
  param?: string
  index?: number
  auditAnnotation?: string
  action: 'admit' | 'deny'
  evaluation: 'admit' | 'deny' | 'error'
  message: string
  reason: string
}

export interface Admitted {
  object: Record<string, unknown>
  warnings: string[]
}

export interface CheckResult {
  version: number
  summary: {
    files: number
    policies: number
    objects: number
    objectsWithFindings: number
    findings: number
    errors: number
    warnings: number
  }
  findings: Finding[]
  problems: Problem[]
  /** What every policy made of every object, when asked for. */
  decisions?: DecidedObject[]
}

export interface DecidedObject {
  object: string
  file: string
  line: number
  allowed: boolean
  status: Status | null
  cost: number
  policies: DecidedPolicy[]
}

export interface DecidedPolicy {
  policy: string
  /** Its constraints and those of a binding take the object. Without decisions, a match condition did not hold. */
  matched: boolean
  cost: number
  decisions: DecidedDecision[]
}

export interface DecidedDecision extends Decision {
  /** Which of the findings it is, from 0. */
  finding?: number
  expression?: { text: string; file: string; line: number; column: number; endLine: number; endColumn: number }
  /** Those of findings are there. */
  explanation?: { expression: string; value: string }[]
}

export interface Finding {
  policy: string
  binding: string
  param?: string
  index?: number
  action: 'audit' | 'warn' | 'deny'
  evaluation: 'deny' | 'error'
  message: string
  reason: string
  object: string
  file: string
  line: number
  column: number
  endColumn: number
  path?: string
  view?: View
  /** What the API server set the value at fault to, when it was not written. */
  defaulted?: unknown
  expression?: string
  explanation?: { expression: string; value: string }[]
  /** What it follows from, of rules about several objects. */
  related?: { message: string; file?: string; line?: number; column?: number }[]
  /** What stays the same when lines move. */
  fingerprint: string
}

export interface Problem {
  /** A stable name such as `unknown-field`. */
  code: string
  severity: 'error' | 'warning' | 'note'
  message: string
  /** The field path of the value at fault. */
  path?: string
  file?: string
  line?: number
  column?: number
  /** First byte of the text and the one past the last. */
  span?: [number, number]
  help?: string
}

/** What is thrown; its fields are those of the first of its problems. */
export interface KordonError extends Error, Omit<Problem, 'severity'> {
  name: 'KordonError'
  problems: Problem[]
}

export interface Evaluation {
  /** Integers beyond 2^53 are bigints, bytes Buffers; timestamps, durations and the like are text. */
  value: unknown
  /** What it cost, as the API server counts. */
  cost: number
}


/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** Policies, ready to decide objects. */
export declare class Engine {
  /** Makes an engine of policies, bindings, and the params, namespaces, roles and custom kinds that they refer to. */
  constructor(policies: KubernetesObject | KubernetesObject[], options?: EngineOptions)
  /** The same of files, folders, and packs by name, such as `pack:workload` or `pack:all`. */
  static fromFiles(paths: Array<string>, options?: EngineOptions): Engine
  /** What deserves to be known about the policies; none of it is an error. */
  get problems(): Problem[]
  /** Decides an object. */
  evaluate(object: KubernetesObject, options?: RequestOptions): Report
  /**
   * Decides many objects on several threads, beside the event loop. The reports are in the order of the objects; in
   * the place of an object that cannot be read is its error.
   */
  evaluateMany(objects: KubernetesObject[], options?: RequestOptions, threads?: number | undefined | null): Promise<(Report | KordonError)[]>
  /** Answers an AdmissionReview, as a webhook does: JSON in, JSON out. */
  review(review: Uint8Array): string
}

/** What the API server makes of an object that is created: the object, and what it warns of. */
export declare function admit(object: KubernetesObject, options?: AdmitOptions): Admitted

/** Checks files and folders against policies, as `kordon check` does. */
export declare function checkFiles(policies: Array<string>, files: Array<string>, options?: CheckOptions): CheckResult

/** The same for texts in memory. */
export declare function checkTexts(policies: Array<NamedText>, texts: Array<NamedText>, options?: CheckOptions): CheckResult

/** A text with one or more documents, YAML or JSON. */
export interface NamedText {
  /** As findings name it. */
  name: string
  text: string
}

/** The version of this package. */
export declare const VERSION: string

export declare namespace cel {
  /** A compiled expression. */
  export class Program {
    /** The type of the value, as the checker knows it. */
    get resultType(): string
    /** Evaluates the expression. */
    eval(variables?: Record<string, unknown>): Evaluation
  }
  /** Parses, checks and compiles an expression. */
  export function compile(expression: string, options?: ExpressionOptions): cel.Program
}
