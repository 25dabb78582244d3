"""Times one parse and access check of a descriptor in another implementation: peers.py impacket|samba < case.json

The case: {"hex": the descriptor, "sids": the token, "mask": the rights, "object": a GUID, "seconds": for how long}. Answers
with JSON: nanoseconds for one, the verdict, the version; ends with 3 when the implementation is not installed.
"""

import json
import statistics
import sys
import time
import uuid


def impacket(case):
    from importlib.metadata import version

    from impacket.ldap.ldaptypes import ACE, LDAP_SID, SR_SECURITY_DESCRIPTOR

    raw, want_all = bytes.fromhex(case["hex"]), case["mask"]
    target = uuid.UUID(case["object"]).bytes_le
    token = set()
    for text in case["sids"]:
        sid = LDAP_SID()
        sid.fromCanonical(text)
        token.add(sid.getData())
    # What the generic rights mean on a directory object (MS-ADTS 5.1.3.2).
    generic = {0x10000000: 0xF01FF, 0x20000000: 0x20004, 0x40000000: 0x20028, 0x80000000: 0x20094}

    def once():
        # impacket has no access check, so this is the ordered walk of MS-DTYP 2.5.3.2 over what its parser made.
        want = want_all
        for ace in SR_SECURITY_DESCRIPTOR(data=raw)["Dacl"].aces:
            kind, body = ace["AceType"], ace["Ace"]
            if kind not in (0, 1, 5, 6) or ace.hasFlag(ACE.INHERIT_ONLY_ACE):
                continue
            if kind in (5, 6) and body.hasFlag(body.ACE_OBJECT_TYPE_PRESENT) and body["ObjectType"] != target:
                continue
            mask = body["Mask"]["Mask"]
            for bit, means in generic.items():
                if mask & bit:
                    mask |= means
            if mask & want and body["Sid"].getData() in token:
                if kind in (1, 6):
                    return False
                want &= ~mask
                if not want:
                    return True
        return False

    return once, "impacket " + version("impacket")


def samba(case):
    import samba
    import samba.security
    from samba.dcerpc import security
    from samba.ndr import ndr_unpack

    raw, mask = bytes.fromhex(case["hex"]), case["mask"]
    token = security.token()
    token.sids = [security.dom_sid(s) for s in case["sids"]]
    token.num_sids = len(case["sids"])
    # samba.security is the access check in C; it knows no object types, so it passes object entries over.
    check = samba.security.access_check

    def once():
        try:
            return check(ndr_unpack(security.descriptor, raw), token, mask) & mask == mask
        except samba.NTSTATUSError:
            return False

    return once, "Samba " + samba.version


def main():
    case = json.load(sys.stdin)
    try:
        once, version = {"impacket": impacket, "samba": samba}[sys.argv[1]](case)
    except ImportError as error:
        print(error, file=sys.stderr)
        sys.exit(3)
    granted = once()
    # The median of short batches: a moment in which others had the processor does not count.
    begin = time.perf_counter_ns()
    once()
    batch = max(1, 5_000_000 // max(1, time.perf_counter_ns() - begin))
    times, begin = [], time.perf_counter_ns()
    while not times or time.perf_counter_ns() - begin < case["seconds"] * 1e9:
        start = time.perf_counter_ns()
        for _ in range(batch):
            once()
        times.append((time.perf_counter_ns() - start) / batch)
    python = ".".join(map(str, sys.version_info[:3]))
    json.dump({"ns": statistics.median(times), "granted": granted, "version": version + ", Python " + python}, sys.stdout)


main()
