package overview

import "fieldgate/internal/job"

// VisitAnswer is another time of a visit that a contact asks for, with the visit
// as it stands.
type VisitAnswer struct {
	Version int64 // of the job
	job.Booking
	Wishes []job.Wish
}
