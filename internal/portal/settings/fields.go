package settings

import "fieldgate/internal/problem"

// Field is the description of each field of the portal's settings: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	AgeLimit, AgeLimitMonths, AgeLimitSince, HideTasks, HideAdminDetails, ContactNotifications, JobNotifications, QuoteNotifications, EquipmentNotifications, DetailsNotifications, MessageNotifications, DocumentNotifications, VisitReminderHour, VisitAnswerHours, FileQuota, TellOfGuessing, RecordLinks, Push, ContactKeys problem.Field
}{
	AgeLimit:               problem.Field{Name: "age_limit", Label: "Limit Job Visibility by Age"},
	AgeLimitMonths:         problem.Field{Name: "age_limit_months", Label: "Months", Max: 4},
	AgeLimitSince:          problem.Field{Name: "age_limit_since", Label: "Since"},
	HideTasks:              problem.Field{Name: "hide_tasks", Label: "Hide Tasks"},
	HideAdminDetails:       problem.Field{Name: "hide_admin_details", Label: "Hide Admin Details"},
	ContactNotifications:   problem.Field{Name: "contact_notifications", Label: "Contact Notifications"},
	JobNotifications:       problem.Field{Name: "job_notifications", Label: "Global Notification List"},
	QuoteNotifications:     problem.Field{Name: "quote_notifications", Label: "New quotes"},
	EquipmentNotifications: problem.Field{Name: "equipment_notifications", Label: "New equipment"},
	DetailsNotifications:   problem.Field{Name: "details_notifications", Label: "Changed details"},
	MessageNotifications:   problem.Field{Name: "message_notifications", Label: "Messages"},
	DocumentNotifications:  problem.Field{Name: "document_notifications", Label: "Documents about to expire"},
	FileQuota:              problem.Field{Name: "file_quota", Label: "Space for files of a customer", Max: 6},
	VisitReminderHour:      problem.Field{Name: "visit_reminder_hour", Label: "Reminder of a visit"},
	VisitAnswerHours:       problem.Field{Name: "visit_answer_hours", Label: "Answers to a visit", Max: 3},
	RecordLinks:            problem.Field{Name: "record_links", Label: "Links in emails"},
	ContactKeys:            problem.Field{Name: "contact_keys", Label: "API keys of contacts"},
	Push:                   problem.Field{Name: "push", Label: "Notifications on phones"},
	TellOfGuessing:         problem.Field{Name: "tell_of_guessing", Label: "Failed sign-ins"},
}

// Fields are the fields of the portal's settings in the order of its form.
var Fields = problem.Fields{
	Field.AgeLimit, Field.AgeLimitMonths, Field.AgeLimitSince, Field.HideTasks, Field.HideAdminDetails, Field.ContactNotifications, Field.JobNotifications, Field.QuoteNotifications, Field.EquipmentNotifications, Field.DetailsNotifications, Field.MessageNotifications, Field.DocumentNotifications, Field.VisitReminderHour, Field.VisitAnswerHours, Field.FileQuota, Field.TellOfGuessing, Field.RecordLinks, Field.Push, Field.ContactKeys,
}
