/** What programs of the system's are given of our environment: what they need to run, and so none of the keys that may stand there. */

type Env = NodeJS.ProcessEnv

/** In upper case: Windows does not tell `Path` from `PATH`. */
const passedOn = new Set([
  // where programs, their libraries and their own files are
  ...['PATH', 'HOME', 'TMPDIR', 'LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'LANG', 'TZ'],
  // the same on Windows, where many do not start without
  ...['SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'COMSPEC', 'PATHEXT', 'PSMODULEPATH', 'TEMP', 'TMP', 'USERPROFILE'],
  ...['PROGRAMFILES', 'PROGRAMFILES(X86)', 'PROGRAMW6432', 'PROGRAMDATA', 'APPDATA', 'LOCALAPPDATA'],
  // how Windows' side is reached from Linux inside it
  ...['WSL_DISTRO_NAME', 'WSL_INTEROP'],
])

/** Figures with a decimal point, sentences in English. Names stay as they are written. */
export function toolEnvironment(env: Env): Record<string, string> {
  const kept = Object.entries(env).filter(
    (pair): pair is [string, string] => pair[1] !== undefined && passedOn.has(pair[0].toUpperCase()),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}
