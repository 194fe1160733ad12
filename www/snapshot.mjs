// In an idle, throw-away worker: keep an image of a started Pyodide, so that the next visit
// starts in a third of the time. A damaged or foreign image is dropped by runtime.mjs.
import {loadPyodide, version} from "./runtime/pyodide/pyodide.mjs";

const folder = new URL("./runtime/pyodide/", import.meta.url).href;
const python = await loadPyodide({_makeSnapshot: true, indexURL: folder});
python.runPython("import asyncio, json, datetime, dataclasses, typing, collections.abc, urllib.parse, "
  + "inspect, functools, contextlib, numbers, platform, ast, textwrap, warnings, pickle, shutil, random, "
  + "ctypes, difflib, sysconfig");
const kept = await caches.open("liqmap-snapshot");
await kept.put(`${folder}snapshot-${version}`, new Response(python.makeMemorySnapshot()));
postMessage("kept");
