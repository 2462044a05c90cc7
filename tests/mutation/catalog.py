"""All faults, by their names."""

from collections.abc import Mapping

from tests.mutation.faults import Fault
from tests.mutation.faults_catalogue import CATALOGUE_FAULTS
from tests.mutation.faults_code import CODE_FAULTS
from tests.mutation.faults_landing import LANDING_FAULTS

FAULTS: Mapping[str, Fault] = {
    fault.name: fault for fault in (*LANDING_FAULTS, *CATALOGUE_FAULTS, *CODE_FAULTS)
}
