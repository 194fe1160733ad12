// In an idle, throw-away worker: keep an image of a started Pyodide, so that the next visit
// starts in a third of the time. A damaged or foreign image is dropped by runtime.mjs.
import {keep, start} from "./runtime.mjs";

const python = await start({_makeSnapshot: true});
python.runPython("import asyncio, json, datetime, dataclasses, typing, collections.abc, urllib.parse, "
  + "inspect, functools, contextlib, numbers, platform, ast, textwrap, warnings, pickle, shutil, random, "
  + "ctypes, difflib, sysconfig");
await keep(python.makeMemorySnapshot());
postMessage("kept");
