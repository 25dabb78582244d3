"""Makes a Samba domain out of the JSON on standard input: provision, Exchange's schema, then the steps of the example
organisation. Descriptors are parsed by Samba itself, so what the Go code reads later was written by somebody else."""

import base64
import json
import logging
import sys

import ldb
from samba.auth import system_session, user_session, AUTH_SESSION_INFO_DEFAULT_GROUPS, AUTH_SESSION_INFO_AUTHENTICATED, \
    AUTH_SESSION_INFO_SIMPLE_PRIVILEGES
from samba.dcerpc import misc, security
from samba.dsdb import DS_DOMAIN_FUNCTION_2008_R2
from samba.ndr import ndr_pack, ndr_unpack
from samba.param import LoadParm
from samba.provision import provision
from samba.samdb import SamDB

DN_SYNTAX = b"\x2b\x0c\x02\x87\x73\x1c\x00\x85\x4a"  # oMObjectClass Object(DS-DN)
OM_SYNTAX = {"2.5.5.1": "127", "2.5.5.2": "6", "2.5.5.8": "1", "2.5.5.9": "2", "2.5.5.10": "4", "2.5.5.11": "24",
             "2.5.5.12": "64", "2.5.5.15": "66", "2.5.5.16": "65", "2.5.5.17": "4"}
DACL = ["sd_flags:1:4"]


def main():
    want = json.load(sys.stdin)
    logging.disable(logging.WARNING)
    lp = LoadParm()
    lp.load(want["conf"])
    lp.set("dsdb:schema update allowed", "yes")
    made = provision(logging.getLogger("provision"), system_session(), smbconf=want["conf"], targetdir=None, realm=want["realm"],
                     domain=want["netbios"], hostname="DC1", hostip="127.0.0.1", adminpass=want["admin_password"],
                     dns_backend="NONE", serverrole="active directory domain controller", lp=lp, skip_sysvolacl=True,
                     dom_for_fun_level=DS_DOMAIN_FUNCTION_2008_R2)
    fill(made.samdb.url, lp, want)


def fill(url, lp, want):
    # Opened anew: the one that provisioning leaves does not see changes of the schema.
    sam = SamDB(url=url, session_info=system_session(), lp=lp)
    base = sam.domain_dn()
    domain_sid = security.dom_sid(sam.get_domain_sid())
    schema(sam, want)
    systems = {"": sam}
    if want["closed"]:
        # The default lets every account read every user; an organisation may have taken that away.
        close = ldb.Message(ldb.Dn(sam, "CN=Pre-Windows 2000 Compatible Access,CN=Builtin," + base))
        close["member"] = ldb.MessageElement("CN=S-1-5-11,CN=ForeignSecurityPrincipals," + base, ldb.FLAG_MOD_DELETE, "member")
        sam.modify(close)

    def sid(name):
        found = sam.search(base, scope=ldb.SCOPE_SUBTREE, attrs=["objectSid"],
                           expression="(sAMAccountName=%s)" % ldb.binary_encode(name))
        return str(ndr_unpack(security.dom_sid, found[0]["objectSid"][0]))

    def resolve(text):
        out, rest = "", text
        while "{" in rest:
            before, rest = rest.split("{", 1)
            name, rest = rest.split("}", 1)
            out += before + sid(name)
        return out + rest

    def session(name):
        if name not in systems:
            found = sam.search(base, scope=ldb.SCOPE_SUBTREE, attrs=[], expression="(sAMAccountName=%s)" % ldb.binary_encode(name))
            flags = AUTH_SESSION_INFO_DEFAULT_GROUPS | AUTH_SESSION_INFO_AUTHENTICATED | AUTH_SESSION_INFO_SIMPLE_PRIVILEGES
            info = user_session(sam, lp_ctx=lp, dn=str(found[0].dn), session_info_flags=flags)
            systems[name] = SamDB(url=url, session_info=info, lp=lp)
        return systems[name]

    def descriptor(db, dn):
        found = db.search(dn, scope=ldb.SCOPE_BASE, attrs=["nTSecurityDescriptor"], controls=["sd_flags:1:7"])
        return ndr_unpack(security.descriptor, found[0]["nTSecurityDescriptor"][0])

    def write(db, dn, sd):
        m = ldb.Message(ldb.Dn(db, dn))
        m["nTSecurityDescriptor"] = ldb.MessageElement(ndr_pack(sd), ldb.FLAG_MOD_REPLACE, "nTSecurityDescriptor")
        db.modify(m, controls=DACL)

    def edit(db, e):
        if e.get("Set"):
            sd = security.descriptor.from_sddl(e["Set"], domain_sid)
        elif e.get("CopyFrom"):
            sd = descriptor(db, e["CopyFrom"])
            sd.type |= security.SEC_DESC_DACL_PROTECTED
        else:
            sd = descriptor(db, e["DN"])
            for ace in security.descriptor.from_sddl("D:" + resolve("".join(e["Add"])), domain_sid).dacl.aces:
                sd.dacl_add(ace)
        write(db, e["DN"], sd)

    def add(db, e):
        m = ldb.Message(ldb.Dn(db, e["DN"]))
        for name, values in e["Attrs"].items():
            m[name] = ldb.MessageElement([base64.b64decode(v) for v in values], ldb.FLAG_MOD_ADD, name)
        if e.get("Password"):
            m["unicodePwd"] = ldb.MessageElement(('"%s"' % e["Password"]).encode("utf-16-le"), ldb.FLAG_MOD_ADD, "unicodePwd")
        db.add(m)

    sam.transaction_start()
    owner = ""
    for step in want["steps"]:
        by = step.get("By", "")
        if by != owner:
            systems[owner].transaction_commit()
            owner = by
            session(owner).transaction_start()
        db = session(owner)
        try:
            if step.get("Add"):
                add(db, step["Add"])
            elif step.get("Edit"):
                edit(db, step["Edit"])
            else:
                m = ldb.Message(ldb.Dn(db, step["Join"]["Group"]))
                m["member"] = ldb.MessageElement(step["Join"]["Member"], ldb.FLAG_MOD_ADD, "member")
                db.modify(m)
        except ldb.LdbError as err:
            raise SystemExit("%s: %s" % (json.dumps(step, ensure_ascii=True), err))
    systems[owner].transaction_commit()


def schema(sam, want):
    base = str(sam.get_schema_basedn())

    def guid(text):
        return ndr_pack(misc.GUID(text))

    sam.transaction_start()
    for a in want["attributes"]:
        m = ldb.Message(ldb.Dn(sam, "CN=%s,%s" % (a["Name"], base)))
        m["objectClass"] = ["top", "attributeSchema"]
        m["cn"] = m["lDAPDisplayName"] = a["Name"]
        m["attributeID"] = a["OID"]
        m["attributeSyntax"] = a["Syntax"]
        m["oMSyntax"] = OM_SYNTAX[a["Syntax"]]
        if a["Syntax"] == "2.5.5.1":
            m["oMObjectClass"] = DN_SYNTAX
        m["isSingleValued"] = "TRUE" if a["Single"] else "FALSE"
        m["schemaIDGUID"] = guid(a["GUID"])
        if a["Set"]:
            m["attributeSecurityGUID"] = guid(a["Set"])
        sam.add(m)
    sam.transaction_commit()
    sam.set_schema_update_now()
    new = set()  # classes that the server does not know before the next update, which is slow
    for c in want["classes"]:
        if new.intersection(c["Parents"] + [c["Sup"]]):
            sam.set_schema_update_now()
            new.clear()
        new.add(c["Name"])
        m = ldb.Message(ldb.Dn(sam, "CN=%s,%s" % (c["Name"], base)))
        m["objectClass"] = ["top", "classSchema"]
        m["cn"] = m["lDAPDisplayName"] = c["Name"]
        m["governsID"] = c["OID"]
        m["subClassOf"] = c["Sup"]
        m["objectClassCategory"] = "1"
        m["rDNAttID"] = "cn"
        m["schemaIDGUID"] = guid(c["GUID"])
        m["defaultSecurityDescriptor"] = c["Default"]
        m["defaultHidingValue"] = "TRUE"
        m["defaultObjectCategory"] = "CN=%s,%s" % (c["Name"], base)
        if c["Parents"]:
            m["possSuperiors"] = c["Parents"]
        if c["May"]:
            m["mayContain"] = c["May"]
        sam.add(m)
    m = ldb.Message(ldb.Dn(sam, "CN=User," + base))
    m["mayContain"] = ldb.MessageElement(want["user_attributes"], ldb.FLAG_MOD_ADD, "mayContain")
    sam.modify(m)
    sam.set_schema_update_now()


main()
