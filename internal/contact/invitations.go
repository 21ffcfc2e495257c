package contact

import (
	"fmt"
	"strconv"
	"time"
)

// InvitationKey names an invitation by when it was made, so that a second
// press on the same page sends no second one.
func InvitationKey(invitedAt *time.Time) string {
	if invitedAt == nil {
		return ""
	}
	return strconv.FormatInt(invitedAt.UnixMicro(), 10)
}

// StateKey names a contact's access as it was shown, so that a second press
// invites nobody twice.
func (c Contact) StateKey() string {
	return fmt.Sprintf("%d/%s/%s", c.ID, c.Access, InvitationKey(c.InvitedAt))
}

// NotInvitable says why an invitation is not sent to a contact who is one of
// many; "" when it is.
func (r Row) NotInvitable() string {
	switch {
	case r.Archived():
		return "archived"
	case r.CustomerArchived:
		return "the customer is archived"
	case r.Access == Active:
		return "can sign in already"
	case r.Access == Suspended:
		return "suspended; restore access on the contact’s page"
	case r.Email == "":
		return "no email address"
	}
	return ""
}
