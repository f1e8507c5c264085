#include "operate/check.h"

int check_run(struct operation *operation) {
    return operation_refuse(operation, "not here yet");
}
