package contact

import "strings"

// WithinReach reports whether the contact with id manager, whose permissions
// are own, may change and suspend c: those within its permissions, never
// itself. What has been archived is the office's to restore.
func (c Contact) WithinReach(manager int64, own Permissions) bool {
	return own.ContactsManage && c.ID != manager && !c.Archived() && c.Permissions.Within(own)
}

// OwnsAddress reports whether somebody signs in as the contact: then a manager
// leaves the email address alone, or whoever reads the next one would come in.
// Who comes by their company's provider does so without being a person.
func (c Contact) OwnsAddress() bool {
	return c.PersonID != 0 || (c.LastSignInAt != nil && (c.Access == Active || c.Access == Suspended))
}

// NeedsProof reports whether an edit changed what asks for a fresh proof of who
// makes it: the permissions, or the address that access goes to.
func (c Contact) NeedsProof(after Contact) bool {
	return !c.Permissions.Equal(after.Permissions) || (c.Email != "" && !strings.EqualFold(c.Email, after.Email))
}
