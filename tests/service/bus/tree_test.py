#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is on the bus: the objects, their properties, and that they are what the contract says."""

import json
import os
import xml.etree.ElementTree as ElementTree

import case
import machine

DOCUMENTED = ["Manager", "Policy", "Unit"]


def contract(name):
    path = os.path.join(os.environ["ENFORCED_SOURCE"], f"dbus/org.enforced1.{name}.xml")
    return ElementTree.parse(path).getroot().find("interface")


def shape(interface):
    """What of an interface can be compared, without order and words."""
    found = {}
    for member in interface:
        if member.tag not in ["method", "signal", "property"]:
            continue
        arguments = [(arg.get("name"), arg.get("type"), arg.get("direction", "out" if member.tag == "signal" else "in"))
                     for arg in member.findall("arg")]
        emits = [annotation.get("value") for annotation in member.findall("annotation")
                 if annotation.get("name") == "org.freedesktop.DBus.Property.EmitsChangedSignal"]
        found[member.tag, member.get("name")] = (member.get("type"), member.get("access"), arguments, emits or ["true"])
    return found


class Tree(case.BusCase):
    def introspect(self, path, interface):
        text = self.root.call("Introspect", path=path, interface="org.freedesktop.DBus.Introspectable")
        return next(one for one in ElementTree.fromstring(text) if one.get("name") == interface)

    def test_introspection_equals_the_contract(self):
        unit = self.root.call("GetUnitByName", "s", self.unit.name)
        paths = {"Manager": machine.ROOT, "Policy": self.root.call("GetPolicyByName", "s", "usual"), "Unit": unit}
        for name in DOCUMENTED:
            live = self.introspect(paths[name], f"org.enforced1.{name}")
            self.maxDiff = None
            self.assertEqual(shape(live), shape(contract(name)), name)

    def test_everything_in_the_contract_is_documented(self):
        for name in DOCUMENTED:
            doc = "{http://www.freedesktop.org/dbus/1.0/doc.dtd}doc"
            for element in contract(name).iter():
                if element.tag in ["interface", "method", "signal", "property", "arg"]:
                    text = element.findtext(doc, "").strip()
                    self.assertTrue(text, f"{name}: {element.tag} {element.get('name')}")

    def test_the_policy_is_shown(self):
        path = self.root.call("GetPolicyByName", "s", "usual")
        self.assertEqual(path, "/org/enforced1/policy/usual")
        shown = self.root.call("GetAll", "s", "org.enforced1.Policy", path=path, interface=machine.PROPERTIES)
        self.assertEqual(shown["Files"], ["/etc/enforced/policy.d/usual.toml"])
        self.assertEqual((shown["Layer"], shown["Mode"], shown["RuntimeMode"], shown["State"]),
                         ("local", "enforce", "", "in-force"))
        self.assertEqual(shown["Units"], [self.unit.name])
        self.assertEqual(shown["GovernedUnits"], [self.unit.name])
        self.assertIn("[network]", shown["Text"])
        rules = {rule[2]: rule for rule in shown["Rules"]}
        self.assertEqual(rules["network.default"][6:8], (shown["Files"][0], 3))

    def test_the_unit_is_shown(self):
        path = self.root.call("GetUnitByName", "s", self.unit.name)
        shown = self.root.call("GetAll", "s", "org.enforced1.Unit", path=path, interface=machine.PROPERTIES)
        self.assertEqual(shown["Name"], self.unit.name)
        self.assertEqual(shown["ControlGroup"], f"/{self.unit.name}")
        self.assertEqual(shown["ControlGroupId"], os.stat(self.unit.path).st_ino)
        self.assertEqual((shown["Policies"], shown["Mode"]), (["usual"], "enforce"))
        self.assertIn(("usual", "network.connect", "enforced", "", ""), shown["Coverage"])

    def test_refusals_are_counted_where_they_were(self):
        self.expect_held()
        path = self.root.call("GetUnitByName", "s", self.unit.name)
        self.assertEqual(self.root.get("Hits", path, "org.enforced1.Unit"), {"refused": 1})
        rules = {rule[2]: rule[8] for rule in self.root.get("Rules", path, "org.enforced1.Unit")}
        self.assertEqual(rules["network.default"], 1)
        self.assertEqual(self.root.get("Counters")["refused"], 1)

    def test_units_come_and_go(self):
        unit = machine.Unit(f"enforced-other-{os.getpid()}.service")
        machine.write_policy("other", machine.usual_policy(unit.name))
        self.root.call("Reload", "a{sv}", {})
        self.assertIn(f"_2dother_2d{os.getpid()}_2eservice", self.root.call("GetUnitByName", "s", unit.name))
        unit.remove()
        self.expect_refused("Error.NoSuchUnit", self.root.call, "GetUnitByName", "s", unit.name)

    def test_strangers_are_named_in_the_error(self):
        message = self.expect_refused("Error.NoSuchPolicy", self.root.call, "GetPolicyByName", "s", "nginx")
        self.assertIn('"nginx"', message)
        self.expect_refused("Error.InvalidArgs", self.root.call, "GetPolicyByName", "s", "../usual")
        self.expect_refused("Error.InvalidArgs", self.root.call, "GetUnitByName", "s", "a\nb.service")
        self.expect_refused("Error.UnknownMethod", self.root.call, "Frobnicate")
        self.expect_refused("Error.UnknownProperty", self.root.get, "Frobnication")
        self.expect_refused("Error.UnknownInterface", self.root.call, "GetAll", "s", "org.example.X",
                            interface=machine.PROPERTIES)

    def test_the_state_is_dumped_whole(self):
        answer = self.root.begin("DumpState", "a{sv}", {})
        answer.wait()
        with os.fdopen(answer.fds[0]) as file:
            state = json.load(file)
        self.assertEqual([policy["name"] for policy in state["policies"]], ["usual"])
        self.assertEqual([unit["name"] for unit in state["units"]], [self.unit.name])

    def test_features_are_tried_when_asked_for(self):
        features = {name: state for name, state, _ in self.root.call("TryFeatures", "a{sv}", {})}
        self.assertNotIn("untried", features.values())
        self.assertEqual(features["cgroup_sendmsg4"], "works")
        self.expect_held()

    def test_check_says_what_is_wrong_and_changes_nothing(self):
        before = self.state()
        self.assertEqual(self.root.call("Check", "ssa{sv}", "fresh", machine.usual_policy("x.service"), {}), [])
        found = self.root.call("Check", "ssa{sv}", "fresh", 'units = ["x.service"]\nmoed = "audit"\n', {})
        self.assertEqual(found[0][:4], ("error", "fresh.toml", 2, 1))
        self.assertIn("mode", found[0][4])
        self.assertEqual(self.state(), before)

    def test_changes_are_announced_without_values(self):
        signals = []
        self.root.connection.signal_subscribe(
            machine.BUS_NAME, None, None, None, None, 0,
            lambda _, sender, path, interface, member, values: signals.append((path, member, values.unpack())))
        self.root.call("SetMode", "ssa{sv}", "usual", "audit", {})
        self.root.call("LoadPolicy", "ssa{sv}", "fresh", machine.usual_policy("x.service"), {})
        self.root.call("UnloadPolicy", "sa{sv}", "fresh", {})
        fresh = "/org/enforced1/policy/fresh"

        def complete():
            self.root.begin("Ping", interface="org.freedesktop.DBus.Peer").wait()
            return any(member == "InterfacesRemoved" for _, member, _ in signals)

        self.assertTrue(machine.wait_until(complete))
        self.assertIn((machine.ROOT, "InterfacesAdded", (fresh, {"org.enforced1.Policy": {}})), signals)
        self.assertIn((machine.ROOT, "InterfacesRemoved", (fresh, ["org.enforced1.Policy"])), signals)
        changed = [values for path, member, values in signals
                   if path == "/org/enforced1/policy/usual" and member == "PropertiesChanged"]
        self.assertEqual(set(changed[0][2]), {"Mode", "RuntimeMode", "Files", "Text"})
        for path, member, values in signals:
            if member == "PropertiesChanged":
                self.assertEqual(values[1], {}, path)


if __name__ == "__main__":
    case.main()
