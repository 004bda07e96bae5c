//===- PlanAttrs.td - where results are kept, and who writes them -*- tablegen -*-===//
#ifndef PLAN_ATTRS_TD
#define PLAN_ATTRS_TD

include "mlir/IR/AttrTypeBase.td"

def Plan_Dialect : Dialect {
  let name = "plan";
  let cppNamespace = "::rondo";
  let summary = "where results are kept, and who writes them";
  let description = [{
    Attributes and no ops: what rondo-plan and rondo-share decide about the ops of the rondo dialect,
    and what Lower executes. README.md lists where each stands.
  }];
  let dependentDialects = ["::rondo::RondoDialect"];
  let useDefaultAttributePrinterParser = 1;
  let hasOperationAttrVerify = 1;
}

class Plan_Attr<string name, string attrMnemonic> : AttrDef<Plan_Dialect, name> {
  let mnemonic = attrMnemonic;
  let hasCustomAssemblyFormat = 1;
}

def Plan_StorageAttr : Plan_Attr<"Storage", "storage"> {
  let summary = "the places of one result";
  let description = [{
    A result is written to all of its places and read from the first.

    | place | is |
    |---|---|
    | `slot 3` | a slot of the function's arena |
    | `result 0` | the function's result |
    | `cache 0` | kept from call to call: the op is skipped while the parameters are those of the call before |
    | `next 0`, `stack 1`, `sum 0` | for ops in a scan's body: the scan's carry after the step; its stack at the present position; its sum, to which the result is added |
    | `before 0`, `after 0` | for stacks of a scan: what its carry is before and after each step, read from the carry's history |
    | `none` | nobody reads it |
    | `yield 1`, `local 2` | for steps of rows: the place of the rows' result; memory of each worker for the rows that it computes at present |

    ```mlir
    #plan.storage<slot 3>
    #plan.storage<next 0, stack 1>
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::rondo::Storage">:$places);
}

def Plan_CarryAttr : Plan_Attr<"Carry", "carry"> {
  let summary = "how a scan keeps a carry from step to step";
  let description = [{
    A carry has a value at each of the positions 0 to n of n steps: step t of a forward scan goes from
    position t to t + 1, of a reverse one from t + 1 to t. `in_place`: all positions are the storage
    of the scan's result; a step overwrites the carry. `pair 3`: position p is row p % 2 of slot 3.
    `history 3`: position p is row p of slot 3.

    ```mlir
    #plan.carry<in_place>
    #plan.carry<history 1>
    ```
  }];
  let parameters = (ins "::rondo::CarryStorage":$storage);
}

def Plan_ShareAttr : Plan_Attr<"Share", "share"> {
  let summary = "how the workers share a statement, and whether they wait before it";
  let description = [{
    A *statement* is what fills one storage: a stored op, or a copy around a scan or at a function's
    end. `axis 2`: the workers share that axis of what is stored. `worker 0`: that worker alone.
    `threads`: all threads of a device, element by element along all axes. `barrier`: all wait for one
    another before it.

    ```mlir
    #plan.share<axis 1>
    #plan.share<barrier, worker 0>
    ```
  }];
  let parameters = (ins "::rondo::Share":$share);
}

#endif // PLAN_ATTRS_TD
