package fakead

import "easbot/internal/adsec"

// canSee reports whether the requester may know that o exists: the right to list the parent's children, or to list the
// object itself. The head of a partition is visible to everybody (MS-ADTS 3.1.1.3.1.3).
func (r requester) canSee(o *object) bool {
	if o.parent == nil {
		return true
	}
	return r.isGranted(o.parent, adsec.ListChildren, adsec.GUID{}, adsec.GUID{}) ||
		r.isGranted(o, adsec.ListObject, adsec.GUID{}, adsec.GUID{})
}

// mayRead reports whether the requester may read the attribute, by itself or by its property set.
func (r requester) mayRead(o *object, a *attribute) bool {
	if a.key == "ntsecuritydescriptor" {
		return r.isGranted(o, adsec.ReadControl, adsec.GUID{}, adsec.GUID{})
	}
	return r.isGranted(o, adsec.ReadProperty, a.guid, a.set)
}

// mayWrite reports whether the requester may change the attribute.
func (r requester) mayWrite(o *object, a *attribute) bool {
	if a.key == "ntsecuritydescriptor" {
		return r.isGranted(o, adsec.WriteDACL, adsec.GUID{}, adsec.GUID{})
	}
	return r.isGranted(o, adsec.WriteProperty, a.guid, a.set)
}

// mayCreate reports whether the requester may create a child of the class.
func (r requester) mayCreate(parent *object, c *class) bool {
	return r.isGranted(parent, adsec.CreateChild, c.guid, adsec.GUID{})
}

// mayDelete reports whether the requester may delete o: by the object or by its parent.
func (r requester) mayDelete(o *object) bool {
	return r.isGranted(o, adsec.Delete, adsec.GUID{}, adsec.GUID{}) ||
		o.parent != nil && r.isGranted(o.parent, adsec.DeleteChild, o.class.guid, adsec.GUID{})
}

func (r requester) isGranted(o *object, mask adsec.Mask, object, set adsec.GUID) bool {
	return r.token != nil && o.sd.IsGranted(r.token,
		adsec.Request{Mask: mask, Object: object, PropertySet: set, Self: o.sid})
}
