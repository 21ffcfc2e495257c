package portalview

import (
	"fieldgate/internal/job"
	"fieldgate/internal/quote"
)

type (
	jobStatus   = job.Status
	quoteStatus = quote.Status
)
