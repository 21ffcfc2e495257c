package contact

// WithinReach reports whether the contact with id manager, whose permissions
// are own, may change and suspend c: those within its permissions, never
// itself. What has been archived is the office's to restore.
func (c Contact) WithinReach(manager int64, own Permissions) bool {
	return own.ContactsManage && c.ID != manager && !c.Archived() && c.Permissions.Within(own)
}
