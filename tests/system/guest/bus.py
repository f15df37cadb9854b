# SPDX-License-Identifier: GPL-2.0-or-later
"""org.enforced1 on a real bus with a real polkit: what root can do, what a user is refused, and what a rule grants."""

import json
import os
import pwd
import subprocess
import xml.etree.ElementTree as ElementTree

from caller import MANAGER, NAME, PATIENCE, ROOT, Call, Refused, call, get, make, there
from host import OUT, Units, read, run, wait_until, write
from steps import ACTIONS, ASKED, CHANGE, KEPT, READ, STEPS, WEAKEN, Step, load, set_mode
from target import POLICY, UNIT, Target, files, shown

INTERFACES = "/usr/share/dbus-1/interfaces"
RULES = "/etc/polkit-1/rules.d/00-et.rules"

# Users, each with what the rule grants it: all of one action, one question of another, nothing.
DETAIL, NOBODY = "et-detail", "et-user"
RULE = f'''polkit.addRule(function(action, subject) {{
    if (subject.user == "et-" + action.id.split(".").pop())
        return polkit.Result.YES;
    if (subject.user == "{DETAIL}" && action.id == "org.enforced1.{WEAKEN}" && action.lookup("verb") == "mode" &&
        action.lookup("policy") == "{POLICY}" && action.lookup("mode") == "audit")
        return polkit.Result.YES;
}});
'''


def busctl(*words, user=None):
    """Puts questions to the user, if there is one who could be asked."""
    account = pwd.getpwnam(user) if user else None
    more = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    options = ["--system", "--allow-interactive-authorization=yes", f"--timeout={PATIENCE}"]
    return run("busctl", *options, *words, check=False, timeout=PATIENCE, **more)


def refused_by_busctl(step, user):
    """It has a text of its own for this error."""
    done = busctl("call", *step.call.words(), user=user)
    good = done.returncode and "Call failed: Access denied" in done.stderr
    return "" if good else f"{step}: {done.returncode} {done.stdout}{done.stderr}"


def refused(step, user):
    """By a caller who does not allow questions; the error names the action."""
    try:
        return f"{step} as {user}: {make(step.call, user)}"
    except Refused as refusal:
        expected = f"InteractiveAuthorizationRequired: org.enforced1.{step.action} needs an administrator's password"
        return "" if expected in str(refusal) else f"{step} as {user}: {refusal}"


def let_through(step, user):
    try:
        make(step.call, user)
    except Refused as refusal:
        return "" if step.also and step.also in str(refusal) else f"{step} as {user}: {refusal}"
    return ""


def let_through_by_busctl(step):
    done = busctl("call", *step.call.words())
    return "" if done.returncode == 0 or (step.also and step.also in done.stderr) else f"{step}: {done.stderr}"


def shape(interface):
    """What of an interface can be compared, without order and words."""
    found = {}
    for member in interface:
        if member.tag in ["method", "signal", "property"]:
            arguments = [(arg.get("name"), arg.get("type"), arg.get("direction", "out"))
                         for arg in member.findall("arg")]
            emits = [note.get("value") for note in member.findall("annotation")
                     if note.get("name") == "org.freedesktop.DBus.Property.EmitsChangedSignal"]
            found[member.tag, member.get("name")] = (member.get("type"), member.get("access"), arguments,
                                                     emits or ["true"])
    return found


class Bus:
    def __init__(self, report, daemon):
        self.report, self.daemon = report, daemon
        self.target = Target(daemon)

    def run(self):
        self.make_users()
        self.target.install()
        self.actions()
        self.on_bus("dbus-daemon")
        self.contract()
        self.signals()
        self.log_level()
        self.activation()
        self.switch_bus()
        self.on_bus("dbus-broker", short=not os.environ.get("ENFORCED_TEST_LONG"))
        os.unlink(RULES)
        self.target.remove()

    @staticmethod
    def make_users():
        users = [f"et-{action}" for action in ACTIONS] + [DETAIL, NOBODY]
        run("systemd-sysusers", "-", input="".join(f"u {name} {number}\n" for number, name in enumerate(users, 2000)))
        write(RULES, RULE)

    def on_bus(self, program, short=False):
        running = os.readlink(f"/proc/{Units.show('dbus.service', 'MainPID')['MainPID']}/exe")
        self.report.check(f"dbus/{program} is the bus", "" if program in running else f"{running} is")
        granted = Step(READ, Call("GetPolicyByName", "s", POLICY))
        wait_until(lambda: not let_through(granted, f"et-{READ}"), 60, 0.5)  # until polkit has read the rule
        self.walk(f"{program}: root", let_through_by_busctl, short)
        self.user_may_do_nothing(program)
        if not short:
            self.users_may_do_what_is_granted(program)
            self.a_rule_may_look_at_details(program)

    def walk(self, name, through, short=False):
        """The steps, each by whoever `through` has make it."""
        self.target.reset()
        for step in STEPS:
            if short and step.slow:
                continue
            if step.before:
                step.before()
            faults = [through(step)]
            if step.held is not None:
                faults.append(self.target.fault("afterwards", step.held))
            if step.action or any(faults):
                self.report.check(f"dbus/{name}: {step}", faults)

    def users_may_do_what_is_granted(self, bus):
        self.walk(f"{bus}: who may", lambda one: let_through(one, f"et-{one.action}" if one.action else "root"))
        self.pose()
        for granted in ACTIONS:
            one_of_each = {step.action: step for step in ASKED if step.action != granted}
            self.report.check(f"dbus/{bus}: who may only {granted}",
                              [refused(step, f"et-{granted}") for step in one_of_each.values()])

    def user_may_do_nothing(self, bus):
        self.pose()
        before = files(), shown(), get("Generation")
        for step in ASKED:
            self.report.check(f"dbus/{bus}: a user is refused {step}",
                              [refused_by_busctl(step, NOBODY), refused(step, NOBODY)])
        self.report.check(f"dbus/{bus}: a user changes nothing",
                          "" if before == (files(), shown(), get("Generation")) else "something has changed")
        for name in ["Version", "State"]:
            done = busctl("get-property", NAME, ROOT, MANAGER, name, user=NOBODY)
            self.report.check(f"dbus/{bus}: a user reads {name}", done.stderr if done.returncode else "")

    def pose(self):
        """Makes what the calls in ASKED speak of."""
        self.target.reset()
        make(load("et-fresh"))
        make(set_mode("audit", KEPT))

    def a_rule_may_look_at_details(self, bus):
        self.target.reset()
        self.report.check(f"dbus/{bus}: a rule for one mode of one policy", [
            let_through(Step(WEAKEN, set_mode("audit")), DETAIL), self.target.fault("then", False),
            refused(Step(WEAKEN, set_mode("off")), DETAIL), refused(Step(CHANGE, set_mode("enforce")), DETAIL),
            refused(Step(WEAKEN, Call("Release", "a{sv}", {})), DETAIL)])

    def actions(self):
        known = run("pkaction", "--verbose").stdout.split("\n\n")
        for action in ACTIONS:
            about = [text for text in known if text.strip().startswith(f"org.enforced1.{action}:")]
            self.report.check(f"dbus/polkit knows {action}",
                              "" if len(about) == 1 and "auth_admin" in about[0] else f"it says: {about}")

    def contract(self):
        unit = call("GetUnitByName", "s", UNIT)
        for name, path in {"Manager": ROOT, "Policy": f"{ROOT}/policy/et_2dtarget", "Unit": unit}.items():
            wanted = ElementTree.parse(f"{INTERFACES}/org.enforced1.{name}.xml").getroot().find("interface")
            gdbus = ["gdbus", "introspect", "--system", "--dest", NAME, "--object-path", path, "--xml"]
            texts = {"busctl": busctl("introspect", "--xml-interface", NAME, path).stdout, "gdbus": run(*gdbus).stdout}
            for tool, text in texts.items():
                live = next(one for one in ElementTree.fromstring(text) if one.get("name") == wanted.get("name"))
                self.report.check(f"dbus/{tool} shows {name} as it is installed",
                                  "" if shape(live) == shape(wanted) else f"{shape(live)}\n{shape(wanted)}")
        table = busctl("introspect", NAME, ROOT).stdout
        lines = {line.split()[0]: line.split()[1:] for line in table.splitlines() if line.startswith(".")}
        self.report.check("dbus/busctl introspect shows types and values", [
            "" if lines.get(".SetMode") == ["method", "ssa{sv}", "s", "-"] else table,
            "" if lines.get(".State", [])[:2] == ["property", "s"] else table])

    def signals(self):
        output = f"{OUT}/monitor"
        command = ["busctl", "--json=short", "monitor", NAME]
        with open(output, "w") as file, subprocess.Popen(command, stdout=file, stderr=subprocess.DEVNULL) as monitor:
            changes = wait_until(lambda: self.provoke(output), 60, 0.5)
            monitor.terminate()
        self.report.check("dbus/busctl monitor sees changes without values", [
            "" if any("Mode" in data[2] for data in changes) else f"no change of Mode: {changes}",
            "" if all(data[1] == {} for data in changes) else f"values: {changes}"])

    @staticmethod
    def provoke(output):
        """Changes a mode and back: the signals that the monitor has seen so far."""
        make(set_mode("audit"))
        make(set_mode(""))
        lines = read(output).splitlines()
        messages = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [one["payload"]["data"] for one in messages if one.get("member") == "PropertiesChanged"]

    def log_level(self):
        done = run("systemctl", "service-log-level", "enforced", "debug", check=False)
        level = run("systemctl", "service-log-level", "enforced", check=False).stdout.strip()
        run("systemctl", "service-log-level", "enforced", "info", check=False)
        self.report.check("dbus/systemctl service-log-level", "" if level == "debug" else f"{level} {done.stderr}")

    def activation(self):
        run("systemctl", "enable", "enforced")
        run("systemctl", "stop", "enforced")
        self.report.check("dbus/a call starts the daemon if it is enabled", "" if there() else self.daemon.log())
        run("systemctl", "disable", "enforced")
        run("systemctl", "stop", "enforced")
        self.report.check("dbus/and does not if it is not", "it does" if there() else "")
        self.daemon.must_start()

    def switch_bus(self):
        """The bus goes under the daemon's feet, and another comes."""
        run("systemctl", "stop", "dbus.socket", "dbus.service")
        held = self.target.held()
        run("systemctl", "enable", "dbus-broker.service")
        run("systemctl", "start", "dbus-broker.service")
        run("systemctl", "restart", "systemd-logind", "polkit", check=False)
        back = wait_until(there, 60, 0.3)
        self.report.check("dbus/another bus takes the place of the first", [
            "" if held else "without a bus, the target was not held", "" if back else "the daemon does not come back"])
