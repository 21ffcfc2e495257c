package doctor

import "slices"

// Notices are what the office's home says of the installation. What storage
// meets everybody there should know, the rest is for Administrators: business
// is nil for others. Nothing is looked at for it but what business asks.
func (d *Doctor) Notices(business *Business) (notices []Finding) {
	if d.Store != nil {
		if f := storageNotice(d.Store.Known()); f != nil {
			if business == nil {
				f.Do = "Files cannot be added or opened for now. Tell an Administrator."
			}
			notices = append(notices, *f)
		}
	}
	if business == nil {
		return notices
	}
	if f := business.proxyNotice(); f != nil {
		notices = append(notices, *f)
	}
	if business.EmailsWaiting > 0 { // those that failed stand in the overview
		notices = append(notices, business.emailNotices()[0])
	}
	notices = append(notices, business.photoNotices()...)
	for _, f := range d.Known().Findings {
		if d.tells(f) {
			notices = append(notices, f)
		}
	}
	return notices
}

// tells reports whether a finding of the last Look is worth a notice: faults
// are, but those that pages tell by themselves, and what becomes a fault later.
func (d *Doctor) tells(f Finding) bool {
	switch f.Check {
	case "Backups":
		return f.Level > OK && d.Config.Backup != ""
	case "Disk space":
		return f.Level > OK
	}
	return f.Level == Fault && !slices.Contains([]string{"Storage", "Database", "Mail server"}, f.Check)
}
