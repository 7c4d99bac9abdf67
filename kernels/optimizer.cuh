// What the kernels of the optimiser share: the numbers of a step, set by the host, and what the gradient's norm says.
#pragma once
#include "storage.cuh"

struct StepNumbers
{
    double rate;         // Muon's
    double clip_norm;    // longest gradient; 0: any
    float keep;          // 1 - rate * decay
    float size;          // rate / (1 - b1^t)
    float root;          // sqrt(1 - b2^t)
    float epsilon;
    float beta1;
    float rest1;
    float beta2;
    float rest2;
    float momentum;
    float average;       // share of the parameters in the running average
};

struct StepVerdict
{
    double norm;
    float factor;        // of the gradient: 1, or clip_norm / norm
    int finite;          // loss and norm are finite numbers; else the step changes nothing
};

// A run of a flat parameter vector; kind -1: Adam, -2: statistics that the average takes over, else a matrix for Muon.
struct ParameterRun
{
    int offset;
    int count;
    int kind;
    int index;           // Muon: of the run's square sum
};
