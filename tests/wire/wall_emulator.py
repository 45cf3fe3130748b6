#!/usr/bin/env python3
"""A wall controller for tests, written from docs/protocols/wall.md and not from the program: speaks the dialect of
angle brackets on loopback, keeps its windows, and fails as told.

  wall_emulator.py [--port N] [--log FILE] [--panels N] [--faults delay,lost,half,double,garbage,busy,hangup,old]

Writes "ready PORT" when it listens. Faults are used up one a command, in order; after them it behaves.
"""
import argparse, socketserver, sys, threading, time

p = argparse.ArgumentParser()
p.add_argument('--port', type=int, default=0)
p.add_argument('--log')
p.add_argument('--panels', type=int, default=4)
p.add_argument('--faults', default='')
opt = p.parse_args()

WINDOWS_A_PANEL = 4
lock = threading.Lock()
windows = {}   # id -> [src, crop x4, x0, y0, x1, y1]
order = []     # from below
layouts = {}
power = {n: 1 for n in range(opt.panels)}
faults = [f for f in opt.faults.split(',') if f]
INPUTS = range(0, 16)


def note(line):
    if opt.log:
        with open(opt.log, 'a', encoding='utf-8') as f:
            f.write(line + '\n')


def numbers(words):
    return [int(w) for w in words]


def open_(a):
    wall, win, src, *rest = numbers(a)
    if wall != 0 or len(rest) != 8:
        return '<param_error>'
    if win in windows:
        return '<win_id_used>'
    if src not in INPUTS:
        return '<no_src>'
    if len(windows) >= WINDOWS_A_PANEL * opt.panels:
        return '<win_limit>'
    windows[win] = [src, *rest]
    order.append(win)
    return '<OK>'


def change(a, fields):
    win, *rest = numbers(a)
    if win not in windows:
        return '<no_win>'
    if len(rest) != fields:
        return '<param_error>'
    if rest[0] not in INPUTS:
        return '<no_src>'
    windows[win][:fields] = rest
    return '<OK>'


def shut(a):
    (win,) = numbers(a)
    if win not in windows:
        return '<no_win>'
    del windows[win]
    order.remove(win)
    return '<OK>'


def clear(a):
    windows.clear()
    order.clear()
    return '<OK>'


def save(a):
    scene, wall = numbers(a)
    if not 0 <= scene <= 39:
        return '<scene_id_error>'
    layouts[scene] = ({k: list(v) for k, v in windows.items()}, list(order))
    return '<OK>'


def call(a):
    scene, wall = numbers(a)
    if not 0 <= scene <= 39:
        return '<scene_id_error>'
    if scene not in layouts:
        return '<no_scene>'
    clear([])
    windows.update({k: list(v) for k, v in layouts[scene][0].items()})
    order.extend(layouts[scene][1])
    return '<OK>'


def torb(a):
    win, z = numbers(a)
    if win not in windows:
        return '<no_win>'
    order.remove(win)
    order.insert(0 if z else len(order), win)
    return '<OK>'


def xpwr(a):
    panel, on = numbers(a)
    if panel not in power:
        return '<param_error>'
    power[panel] = on
    return '<OK>'


def xlst(a):
    out = ['xlst', a[0]]
    for w in order:
        v = windows[w]
        out += [str(x) for x in (w, v[0], *v[5:9])]
    return '<' + ','.join(out) + '>'


def rcpm(a):
    (src,) = numbers(a)
    return f'<rcpm,{src},1920,1080,60>' if src in INPUTS else '<no_src>'


COMMANDS = {
    'open': open_, 'move': lambda a: change(a, 9), 'icha': lambda a: change(a, 5), 'shut': shut, 'rset': clear, 'save': save, 'call': call,
    'torb': torb, 'rcpm': rcpm, 'xpwr': xpwr, 'xlst': xlst, 'xsub': lambda a: '<OK>',
    'xsta': lambda a: f'<xsta,ready,{opt.panels},{len(windows)}>',
}


def answer(text):
    words = text.split(',')
    try:
        return COMMANDS[words[0]](words[1:])
    except (KeyError, ValueError):
        return '<param_error>'


class Peer(socketserver.BaseRequestHandler):
    def handle(self):
        buf = b''
        while True:
            try:
                got = self.request.recv(4096)
            except OSError:
                return
            if not got:
                return
            buf += got
            while b'>' in buf:
                one, buf = buf.split(b'>', 1)
                if not self.one(one.rsplit(b'<', 1)[-1].decode('utf-8', 'replace')):
                    return

    def one(self, text):
        with lock:
            fault = faults.pop(0) if faults else ''
            note(f'{fault or "-"} {text}')
            said = '<busy>' if fault == 'busy' else answer(text)
        if fault == 'delay':
            time.sleep(0.7)
        if fault in ('lost', 'silent'):
            return True
        if fault == 'hangup':
            return False
        out = said.encode()
        if fault == 'half':
            out = out[:len(out) // 2]
        if fault == 'garbage':
            out = b'\r\n\xff\xfe##' + out
        if fault == 'double':
            out += b'<OK>'
        if fault == 'old':
            out = b'<no_win' + out
        self.request.sendall(out)
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


with Server(('127.0.0.1', opt.port), Peer) as s:
    print(f'ready {s.server_address[1]}', flush=True)
    s.serve_forever()
