package overview

import "fieldgate/internal/postgres"

// FirstSteps are what a new business has done of what it should begin with.
type FirstSteps struct {
	Finished bool // followed or dismissed, for good
	Details  bool // how customers reach the business
	Logo     bool
	Zone     bool // where the business is
	Email    bool // the mail server has taken one
	Customer bool
	Portal   bool // the portal's settings were looked through and saved
}

// All reports whether nothing is left to do.
func (s FirstSteps) All() bool {
	return s.Details && s.Logo && s.Zone && s.Email && s.Customer && s.Portal
}

// QueryFirstSteps adds the question to a batch. Whether there is a customer tells
// the index of their ids: the first pages of the table may have none left.
func QueryFirstSteps(b *postgres.Batch, into *FirstSteps) {
	postgres.QueryOne(b, into, `
		select c.first_steps_done_at is not null as finished, c.phone <> '' and c.email <> '' as details, c.logo_key <> '' as logo, c.currency <> 'XXX' as zone,
			(select first_taken_at is not null from mail_server) as email, (select min(id) from customers) is not null as customer, (select version > 1 from portal_settings) as portal
		from company c`, nil)
}
